using System.Runtime.CompilerServices;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IKeysClient"/>
internal sealed class KeysClient(BillingTransport transport, WorkspacesClient workspaces, TimeProvider timeProvider) : IKeysClient
{
    private const string One = "keys/{hash}";

    public Task<ApiKeyStatus> GetCurrentAsync(CancellationToken cancellationToken = default) =>
        GetOwnAsync(transport.ApiKey("GET /key"), cancellationToken);

    public async IAsyncEnumerable<ApiKey> ListAsync(KeyQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var wanted = query ?? new KeyQuery();
        if (!wanted.AllWorkspaces)
        {
            await foreach (var key in ListInAsync(wanted.WorkspaceId?.ToString("D"), wanted, cancellationToken).ConfigureAwait(false))
            {
                yield return key;
            }

            yield break;
        }

        if (wanted.WorkspaceId is not null)
        {
            throw new ArgumentException($"{nameof(KeyQuery.AllWorkspaces)} is set, and so is {nameof(KeyQuery.WorkspaceId)}: leave one of them out.", nameof(query));
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var workspace in workspaces.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            await foreach (var key in ListInAsync(workspace.Id, wanted, cancellationToken).ConfigureAwait(false))
            {
                if (seen.Add(key.Hash))
                {
                    yield return key;
                }
            }
        }
    }

    public Task<ApiKey> GetAsync(string hash, CancellationToken cancellationToken = default) =>
        ReadAsync(transport.Read("keys/" + PathSegment.OfHash(hash, nameof(hash)), One), cancellationToken);

    public async Task<NewKey> CreateAsync(KeyDraft draft, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(draft);
        var call = transport.Write(HttpMethod.Post, "keys", "keys", KeyDraftPayload.From(draft), WireContext.Default.KeyDraftPayload);
        var payload = await transport.SendAsync(call, WireContext.Default.CreatedKeyPayload, cancellationToken).ConfigureAwait(false);
        return payload.ToNewKey();
    }

    public Task<ApiKey> UpdateAsync(string hash, KeyUpdate update, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(update);
        var path = "keys/" + PathSegment.OfHash(hash, nameof(hash));
        return ReadAsync(transport.Write(HttpMethod.Patch, path, One, KeyUpdatePayload.From(update), WireContext.Default.KeyUpdatePayload), cancellationToken);
    }

    public Task<ApiKey> DisableAsync(string hash, CancellationToken cancellationToken = default) =>
        UpdateAsync(hash, new KeyUpdate { IsDisabled = true }, cancellationToken);

    public Task<ApiKey> EnableAsync(string hash, CancellationToken cancellationToken = default) =>
        UpdateAsync(hash, new KeyUpdate { IsDisabled = false }, cancellationToken);

    public Task DeleteAsync(string hash, CancellationToken cancellationToken = default)
    {
        var call = transport.Write(HttpMethod.Delete, "keys/" + PathSegment.OfHash(hash, nameof(hash)), One);
        return transport.SendAsync(call, WireContext.Default.DeletedPayload, cancellationToken);
    }

    public Task<KeyRotation> RotateAsync(string hash, Func<NewKey, CancellationToken, ValueTask> handOver, KeyRotationOptions? options = null, CancellationToken cancellationToken = default) =>
        new KeyRotator(this, timeProvider).RotateAsync(hash, handOver, options ?? new KeyRotationOptions(), cancellationToken);

    public Task<LockDownReport> LockDownAsync(IEnumerable<string> hashes, CancellationToken cancellationToken = default) =>
        new KeyLockDown(this, workspaces).DisableAsync(hashes, cancellationToken);

    public Task<LockDownReport> LockDownAllAsync(string? exceptHash, CancellationToken cancellationToken = default) =>
        new KeyLockDown(this, workspaces).DisableAllAsync(exceptHash, cancellationToken);

    /// <summary>What OpenRouter says to a key about itself.</summary>
    internal async Task<ApiKeyStatus> GetOwnAsync(string bearer, CancellationToken cancellationToken)
    {
        var payload = await transport.SendAsync(new BillingCall("key", "GET /key", bearer), WireContext.Default.CurrentKeyPayload, cancellationToken).ConfigureAwait(false);
        return payload.ToApiKeyStatus();
    }

    /// <summary>Reads a key once, without repeats.</summary>
    internal Task<ApiKey> LookAsync(string hash, CancellationToken cancellationToken) =>
        ReadAsync(transport.Read("keys/" + PathSegment.OfHash(hash, nameof(hash)), One) with { Repetition = Repetition.Never }, cancellationToken);

    /// <summary>Lists the keys of one workspace; null for the default one.</summary>
    internal IAsyncEnumerable<ApiKey> ListInAsync(string? workspaceId, KeyQuery query, CancellationToken cancellationToken)
    {
        // Truth values are words here.
        var path = $"keys?include_disabled={Word(query.IncludesDisabled)}&include_expired={Word(query.IncludesExpired)}"
            + (workspaceId is null ? string.Empty : "&workspace_id=" + Uri.EscapeDataString(workspaceId));
        return Pages.ReadAsync(transport, transport.Read(path, "keys"), WireContext.Default.ListPayloadKeyItemApiKey, cancellationToken);
    }

    private async Task<ApiKey> ReadAsync(BillingCall call, CancellationToken cancellationToken) =>
        (await transport.SendAsync(call, WireContext.Default.ItemPayloadKeyItemApiKey, cancellationToken).ConfigureAwait(false)).ToModel();

    private static string Word(bool value) => value ? "true" : "false";
}
