using System.Text.Json.Serialization.Metadata;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IGuardrailAssignmentsClient"/>
internal sealed class GuardrailAssignmentsClient(BillingTransport transport) : IGuardrailAssignmentsClient
{
    public IAsyncEnumerable<GuardrailKeyAssignment> ListKeysAsync(string? guardrailId = null, CancellationToken cancellationToken = default) =>
        Pages.ReadAsync(transport, List(guardrailId, "keys"), WireContext.Default.ListPayloadKeyAssignmentItemGuardrailKeyAssignment, cancellationToken);

    public IAsyncEnumerable<GuardrailMemberAssignment> ListMembersAsync(string? guardrailId = null, CancellationToken cancellationToken = default) =>
        Pages.ReadAsync(transport, List(guardrailId, "members"), WireContext.Default.ListPayloadMemberAssignmentItemGuardrailMemberAssignment, cancellationToken);

    public Task<long> AssignKeysAsync(string guardrailId, IReadOnlyList<string> keyHashes, CancellationToken cancellationToken = default) =>
        ChangeAsync(guardrailId, "keys", Hashes(keyHashes), WireContext.Default.KeyHashesPayload, cancellationToken);

    public Task<long> UnassignKeysAsync(string guardrailId, IReadOnlyList<string> keyHashes, CancellationToken cancellationToken = default) =>
        ChangeAsync(guardrailId, "keys/remove", Hashes(keyHashes), WireContext.Default.KeyHashesPayload, cancellationToken);

    public Task<long> AssignMembersAsync(string guardrailId, IReadOnlyList<string> userIds, CancellationToken cancellationToken = default) =>
        ChangeAsync(guardrailId, "members", Users(userIds), WireContext.Default.MemberUserIdsPayload, cancellationToken);

    public Task<long> UnassignMembersAsync(string guardrailId, IReadOnlyList<string> userIds, CancellationToken cancellationToken = default) =>
        ChangeAsync(guardrailId, "members/remove", Users(userIds), WireContext.Default.MemberUserIdsPayload, cancellationToken);

    private BillingCall List(string? guardrailId, string kind)
    {
        var place = guardrailId is null ? "guardrails" : GuardrailsClient.PathOf(guardrailId);
        var template = guardrailId is null ? "guardrails" : "guardrails/{id}";
        return transport.Read($"{place}/assignments/{kind}?limit={Pages.Size}", $"{template}/assignments/{kind}");
    }

    private async Task<long> ChangeAsync<T>(string guardrailId, string what, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var call = transport.Write(HttpMethod.Post, $"{GuardrailsClient.PathOf(guardrailId)}/assignments/{what}", "guardrails/{id}/assignments/" + what, body, type);
        return (await transport.SendAsync(call, WireContext.Default.CountPayload, cancellationToken).ConfigureAwait(false)).ToCount();
    }

    private static KeyHashesPayload Hashes(IReadOnlyList<string> keyHashes) =>
        new([.. SentIds.Check(keyHashes, int.MaxValue, nameof(keyHashes)).Select(hash => PathSegment.OfHash(hash, nameof(keyHashes)))]);

    private static MemberUserIdsPayload Users(IReadOnlyList<string> userIds) => new(SentIds.Check(userIds, int.MaxValue, nameof(userIds)));
}
