using System.Text.Json;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>What one writes first: the body as a document, a lock and a dictionary. It holds one limit, and books its estimate as the cost.</summary>
internal sealed class NaiveGuardHandler(decimal budget) : DelegatingHandler
{
    private readonly object _gate = new();
    private readonly Dictionary<string, decimal> _spent = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(await request.Content!.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        var cost = (NaiveReading.PromptLength(document) * 0.00000015m / 2) + (document.RootElement.GetProperty("max_tokens").GetInt32() * 0.0000006m);
        lock (_gate)
        {
            var spent = _spent.GetValueOrDefault("account") + cost;
            if (spent > budget)
            {
                throw new InvalidOperationException("Over budget.");
            }

            _spent["account"] = spent;
        }

        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
