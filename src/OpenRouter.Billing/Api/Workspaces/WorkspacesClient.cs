using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IWorkspacesClient"/>
internal sealed class WorkspacesClient : IWorkspacesClient
{
    private const string One = "workspaces/{id}";

    private readonly BillingTransport _transport;
    private readonly WorkspaceBudgetsClient _budgets;
    private readonly BudgetMover _mover;

    public WorkspacesClient(BillingTransport transport)
    {
        _transport = transport;
        _budgets = new WorkspaceBudgetsClient(transport, this);
        _mover = new BudgetMover(_budgets);
        Members = new WorkspaceMembersClient(transport);
    }

    public IWorkspaceBudgetsClient Budgets => _budgets;

    public IWorkspaceMembersClient Members { get; }

    public IAsyncEnumerable<Workspace> ListAsync(CancellationToken cancellationToken = default) =>
        Pages.ReadAsync(_transport, _transport.Read($"workspaces?limit={Pages.Size}", "workspaces"), WireContext.Default.ListPayloadWorkspaceItemWorkspace, cancellationToken);

    public Task<Workspace> GetAsync(string workspace, CancellationToken cancellationToken = default) =>
        SendAsync(_transport.Read(PathOf(workspace), One), cancellationToken);

    public Task<Workspace> CreateAsync(WorkspaceDraft draft, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(draft);
        return SendAsync(_transport.Write(HttpMethod.Post, "workspaces", "workspaces", WorkspaceChangePayload.From(draft), WireContext.Default.WorkspaceChangePayload), cancellationToken);
    }

    public Task<Workspace> UpdateAsync(string workspace, WorkspaceUpdate update, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(update);
        return SendAsync(_transport.Write(HttpMethod.Patch, PathOf(workspace), One, WorkspaceChangePayload.From(update), WireContext.Default.WorkspaceChangePayload), cancellationToken);
    }

    public Task DeleteAsync(string workspace, bool confirmDefaultWorkspaceDeletion = false, CancellationToken cancellationToken = default)
    {
        var path = PathOf(workspace) + (confirmDefaultWorkspaceDeletion ? "?confirm_default_workspace_deletion=true" : string.Empty);
        return _transport.SendAsync(_transport.Write(HttpMethod.Delete, path, One), WireContext.Default.DeletedPayload, cancellationToken);
    }

    public Task<BudgetMove> MoveBudgetAsync(string fromWorkspace, string toWorkspace, BudgetInterval interval, decimal amount, CancellationToken cancellationToken = default) =>
        _mover.MoveAsync(fromWorkspace, toWorkspace, interval, amount, cancellationToken);

    internal static string PathOf(string workspace) => "workspaces/" + PathSegment.Of(workspace, nameof(workspace));

    private async Task<Workspace> SendAsync(BillingCall call, CancellationToken cancellationToken) =>
        (await _transport.SendAsync(call, WireContext.Default.ItemPayloadWorkspaceItemWorkspace, cancellationToken).ConfigureAwait(false)).ToModel();
}
