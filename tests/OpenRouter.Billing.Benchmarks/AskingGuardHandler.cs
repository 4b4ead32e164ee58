using System.Net.Http.Json;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>The other thing that one writes first: asks for the balance before each request. Two of them at once see the same money.</summary>
internal sealed class AskingGuardHandler(HttpClient billing, Uri baseAddress) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var credits = await billing.GetFromJsonAsync(new Uri(baseAddress, "credits"), BareContext.Default.BareCredits, cancellationToken).ConfigureAwait(false);
        return credits!.Data.TotalCredits > credits.Data.TotalUsage
            ? await base.SendAsync(request, cancellationToken).ConfigureAwait(false)
            : throw new InvalidOperationException("Over budget.");
    }
}
