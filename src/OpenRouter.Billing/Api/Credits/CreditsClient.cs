using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="ICreditsClient"/>
internal sealed class CreditsClient(BillingTransport transport) : ICreditsClient
{
    public async Task<CreditBalance> GetAsync(CancellationToken cancellationToken = default)
    {
        var call = new BillingCall("credits", "GET /credits", transport.ManagementKey("GET /credits"));
        var payload = await transport.SendAsync(call, WireContext.Default.CreditsPayload, cancellationToken).ConfigureAwait(false);
        return payload.ToCreditBalance();
    }
}
