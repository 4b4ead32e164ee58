using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IByokClient"/>
internal sealed class ByokClient(BillingTransport transport) : IByokClient
{
    private const string All = "byok";
    private const string One = "byok/{id}";

    public IAsyncEnumerable<ByokCredential> ListAsync(ByokQuery? query = null, CancellationToken cancellationToken = default)
    {
        var path = $"{All}?limit={Pages.Size}"
            + (query?.WorkspaceId is { } workspace ? $"&workspace_id={workspace:D}" : string.Empty)
            + (query?.Provider is { } provider ? "&provider=" + PathSegment.Of(provider, nameof(query)) : string.Empty);
        return Pages.ReadAsync(transport, transport.Read(path, All), WireContext.Default.ListPayloadByokItemByokCredential, cancellationToken);
    }

    public Task<ByokCredential> GetAsync(string id, CancellationToken cancellationToken = default) =>
        SendAsync(transport.Read(PathOf(id), One), cancellationToken);

    public Task<ByokCredential> CreateAsync(ByokCredentialDraft draft, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(draft);
        return SendAsync(transport.Write(HttpMethod.Post, All, All, ByokChangePayload.From(draft), WireContext.Default.ByokChangePayload) with { Secret = draft.Key.Reveal() }, cancellationToken);
    }

    public Task<ByokCredential> UpdateAsync(string id, ByokCredentialUpdate update, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(update);
        return SendAsync(transport.Write(HttpMethod.Patch, PathOf(id), One, ByokChangePayload.From(update), WireContext.Default.ByokChangePayload) with { Secret = update.Key?.Reveal() }, cancellationToken);
    }

    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        transport.SendAsync(transport.Write(HttpMethod.Delete, PathOf(id), One), WireContext.Default.DeletedPayload, cancellationToken);

    private static string PathOf(string id) => "byok/" + PathSegment.Of(id, nameof(id));

    private async Task<ByokCredential> SendAsync(BillingCall call, CancellationToken cancellationToken) =>
        (await transport.SendAsync(call, WireContext.Default.ItemPayloadByokItemByokCredential, cancellationToken).ConfigureAwait(false)).ToModel();
}
