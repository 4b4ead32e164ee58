using System.Net;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IWorkspaceBudgetsClient"/>
internal sealed class WorkspaceBudgetsClient(BillingTransport transport, WorkspacesClient workspaces) : IWorkspaceBudgetsClient
{
    private const string All = "workspaces/{id}/budgets";
    private const string One = "workspaces/{id}/budgets/{interval}";

    public async Task<WorkspaceBudgets> ListAsync(string workspace, CancellationToken cancellationToken = default)
    {
        var call = transport.Read(WorkspacesClient.PathOf(workspace) + "/budgets", All);
        return await OrNoneAsync(workspace, async () => (await transport.SendAsync(call, WireContext.Default.BudgetsPayload, cancellationToken).ConfigureAwait(false)).ToWorkspaceBudgets(), cancellationToken).ConfigureAwait(false)
            ?? new WorkspaceBudgets { Budgets = [] };
    }

    public Task<WorkspaceBudget?> GetAsync(string workspace, BudgetInterval interval, CancellationToken cancellationToken = default)
    {
        var call = transport.Read(PathOf(workspace, interval), One);
        return OrNoneAsync(workspace, () => SendAsync(call, cancellationToken), cancellationToken);
    }

    public async Task<WorkspaceBudget> SetAsync(string workspace, BudgetInterval interval, decimal limit, bool? includeByok = null, CancellationToken cancellationToken = default)
    {
        SentMoney.Positive(limit, nameof(limit));
        _ = PathOf(workspace, interval);
        BudgetOrder.Check(await ListAsync(workspace, cancellationToken).ConfigureAwait(false), interval, limit);
        return await PutAsync(workspace, interval, limit, includeByok, cancellationToken).ConfigureAwait(false);
    }

    public Task DeleteAsync(string workspace, BudgetInterval interval, CancellationToken cancellationToken = default)
    {
        var call = transport.Write(HttpMethod.Delete, PathOf(workspace, interval), One);
        return OrNoneAsync(workspace, () => transport.SendAsync(call, WireContext.Default.DeletedPayload, cancellationToken), cancellationToken);
    }

    /// <summary>Sets a budget whose place in the order is already known to be right.</summary>
    internal Task<WorkspaceBudget> PutAsync(string workspace, BudgetInterval interval, decimal limit, bool? includeByok, CancellationToken cancellationToken)
    {
        var body = new BudgetChangePayload(limit) { IncludeByokInBudgets = includeByok };
        return SendAsync(transport.Write(HttpMethod.Put, PathOf(workspace, interval), One, body, WireContext.Default.BudgetChangePayload), cancellationToken);
    }

    private static string PathOf(string workspace, BudgetInterval interval) =>
        interval.Breadth is null
            ? throw new ArgumentException($"'{interval}' is no window of a budget: use daily, weekly, monthly or lifetime.", nameof(interval))
            : $"{WorkspacesClient.PathOf(workspace)}/budgets/{interval.Value}";

    private async Task<WorkspaceBudget> SendAsync(BillingCall call, CancellationToken cancellationToken) =>
        (await transport.SendAsync(call, WireContext.Default.ItemPayloadBudgetItemWorkspaceBudget, cancellationToken).ConfigureAwait(false)).ToModel();

    /// <summary>A 404 may mean "no budgets" as well as "no workspace": the workspace itself tells which.</summary>
    private async Task<T?> OrNoneAsync<T>(string workspace, Func<Task<T>> read, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (OpenRouterApiException exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            await workspaces.GetAsync(workspace, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }
}
