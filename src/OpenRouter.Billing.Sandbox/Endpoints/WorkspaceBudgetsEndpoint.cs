using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>/workspaces/{id}/budgets</c>: what is set here binds the requests of all keys of the workspace.</summary>
internal static class WorkspaceBudgetsEndpoint
{
    /// <summary>From the shortest window to the longest; their budgets must grow in this order.</summary>
    private static readonly string[] Intervals = [UtcWindow.Daily, UtcWindow.Weekly, UtcWindow.Monthly, "lifetime"];

    public static void Handle(ManagementCall call, SandboxWorkspace workspace)
    {
        switch (call.Route[4..])
        {
            case [] when call.Route[0] == "GET":
                List(call, workspace);
                break;
            case [var interval] when call.Route[0] == "GET":
                Answer(call, workspace, Check(interval));
                break;
            case [var interval] when call.Route[0] == "PUT":
                Set(call, workspace, Check(interval));
                break;
            case [var interval] when call.Route[0] == "DELETE":
                Delete(call, workspace, Check(interval));
                break;
            default:
                throw new RefusedException(Refused.NotFound);
        }
    }

    private static void List(ManagementCall call, SandboxWorkspace workspace)
    {
        // As seen of the real service: no list for a workspace without budgets.
        if (workspace.Budgets.Count == 0)
        {
            throw new RefusedException(Refused.UnknownWorkspace);
        }

        call.Answer(json =>
        {
            json.WriteList("data", Intervals.Where(workspace.Budgets.ContainsKey), (writer, interval) => Write(writer, workspace, interval));
            json.WriteBoolean("include_byok_in_budgets", workspace.IncludesByok);
        });
    }

    private static void Set(ManagementCall call, SandboxWorkspace workspace, string interval)
    {
        RequestBody body = call.ReadBody();
        decimal limit = body.Number("limit_usd") is { } usd and > 0 ? usd : throw RequestBody.Bad();
        bool? includesByok = body.Truth("include_byok_in_budgets");
        CheckOrder(workspace, interval, limit);
        DateTimeOffset createdAt = call.Now;
        SandboxBudget budget = new() { Scope = SandboxBudget.WorkspaceScope, Limit = limit, ResetInterval = interval == "lifetime" ? null : interval, WorkspaceId = workspace.Id };
        if (workspace.Budgets.TryGetValue(interval, out var old))
        {
            (budget, createdAt) = (old.Budget with { Limit = limit }, old.CreatedAt);
            call.Account.RemoveBudget(old.Budget);
        }

        call.Account.AddBudget(budget);
        workspace.Budgets[interval] = (budget, createdAt, call.Now);
        workspace.IncludesByok = includesByok ?? workspace.IncludesByok;
        Answer(call, workspace, interval);
    }

    private static void Delete(ManagementCall call, SandboxWorkspace workspace, string interval)
    {
        if (workspace.Budgets.Remove(interval, out var old))
        {
            call.Account.RemoveBudget(old.Budget);
        }

        call.AnswerDeleted();
    }

    private static void CheckOrder(SandboxWorkspace workspace, string interval, decimal limit)
    {
        (string Name, decimal Limit)[] ascending = [.. Intervals
            .Where(name => name == interval || workspace.Budgets.ContainsKey(name))
            .Select(name => (name, name == interval ? limit : workspace.Budgets[name].Budget.Limit))];
        for (int i = 1; i < ascending.Length; i++)
        {
            if (ascending[i].Limit <= ascending[i - 1].Limit)
            {
                throw new RefusedException(Refused.BudgetOrder(ascending[i], ascending[i - 1]));
            }
        }
    }

    private static string Check(string interval) => Intervals.Contains(interval) ? interval : throw RequestBody.Bad();

    private static void Answer(ManagementCall call, SandboxWorkspace workspace, string interval)
    {
        if (!workspace.Budgets.ContainsKey(interval))
        {
            throw new RefusedException(Refused.NotFound);
        }

        call.Answer(json =>
        {
            json.WriteStartObject("data");
            Write(json, workspace, interval);
            json.WriteEndObject();
            json.WriteBoolean("include_byok_in_budgets", workspace.IncludesByok);
        });
    }

    private static void Write(Utf8JsonWriter json, SandboxWorkspace workspace, string interval)
    {
        (SandboxBudget budget, DateTimeOffset createdAt, DateTimeOffset updatedAt) = workspace.Budgets[interval];
        json.WriteString("id", budget.Id);
        json.WriteString("workspace_id", workspace.Id);
        json.WriteMoney("limit_usd", budget.Limit);
        json.WriteString("reset_interval", budget.ResetInterval);
        json.WriteInstantOrNull("created_at", createdAt);
        json.WriteInstantOrNull("updated_at", updatedAt);
    }
}
