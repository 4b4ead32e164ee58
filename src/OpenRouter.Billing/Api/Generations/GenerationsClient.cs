using System.Net;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IGenerationsClient"/>
internal sealed class GenerationsClient(BillingTransport transport, TimeProvider timeProvider) : IGenerationsClient
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(40);

    public async Task<Generation> GetAsync(string id, CancellationToken cancellationToken = default)
    {
        var call = new BillingCall("generation?id=" + PathSegment.Of(id, nameof(id)), "GET /generation", transport.ApiKey("GET /generation"));
        var payload = await transport.SendAsync(call, WireContext.Default.GenerationPayload, cancellationToken).ConfigureAwait(false);
        return payload.ToGeneration();
    }

    public async Task<Generation> WaitForAsync(string id, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, LongestTimeout);
        var started = timeProvider.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            var wait = GenerationPace.Before(attempt + 1);
            try
            {
                return await GetAsync(id, cancellationToken).ConfigureAwait(false);
            }
            catch (OpenRouterApiException exception) when (exception.StatusCode == HttpStatusCode.NotFound && timeProvider.GetElapsedTime(started) + wait <= timeout)
            {
                // Not written down yet, and there is time to look again.
            }

            await Task.Delay(wait, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }
}
