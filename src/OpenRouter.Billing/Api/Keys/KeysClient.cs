using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IKeysClient"/>
internal sealed class KeysClient(BillingTransport transport) : IKeysClient
{
    public async Task<ApiKeyStatus> GetCurrentAsync(CancellationToken cancellationToken = default)
    {
        var call = new BillingCall("key", "GET /key", transport.ApiKey("GET /key"));
        var payload = await transport.GetAsync(call, WireContext.Default.CurrentKeyPayload, cancellationToken).ConfigureAwait(false);
        return payload.ToApiKeyStatus();
    }
}
