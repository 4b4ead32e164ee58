using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IWorkspaceMembersClient"/>
internal sealed class WorkspaceMembersClient(BillingTransport transport) : IWorkspaceMembersClient
{
    private const string All = "workspaces/{id}/members";

    public IAsyncEnumerable<WorkspaceMember> ListAsync(string workspace, CancellationToken cancellationToken = default)
    {
        var call = transport.Read($"{WorkspacesClient.PathOf(workspace)}/members?limit={Pages.Size}", All);
        return Pages.ReadAsync(transport, call, WireContext.Default.ListPayloadWorkspaceMemberItemWorkspaceMember, cancellationToken);
    }

    public Task<long> AddAsync(string workspace, IReadOnlyList<string> userIds, CancellationToken cancellationToken = default) =>
        ChangeAsync(workspace, "add", userIds, cancellationToken);

    public Task<long> RemoveAsync(string workspace, IReadOnlyList<string> userIds, CancellationToken cancellationToken = default) =>
        ChangeAsync(workspace, "remove", userIds, cancellationToken);

    private async Task<long> ChangeAsync(string workspace, string what, IReadOnlyList<string> userIds, CancellationToken cancellationToken)
    {
        var body = new UserIdsPayload(SentIds.Check(userIds, 100, nameof(userIds)));
        var call = transport.Write(HttpMethod.Post, $"{WorkspacesClient.PathOf(workspace)}/members/{what}", $"{All}/{what}", body, WireContext.Default.UserIdsPayload);
        return (await transport.SendAsync(call, WireContext.Default.CountPayload, cancellationToken).ConfigureAwait(false)).ToCount();
    }
}
