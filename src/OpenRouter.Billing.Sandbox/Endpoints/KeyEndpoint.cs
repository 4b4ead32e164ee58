using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>GET /key</c> and its old path <c>/auth/key</c>.</summary>
internal sealed class KeyEndpoint(OpenRouterSandboxOptions options)
{
    public Task HandleAsync(Exchange exchange, SandboxKey caller)
    {
        exchange.SetHeader("Cache-Control", "private, no-store");
        ReadOnlyMemory<byte> body = caller.Account.Locked(now => Json.WriteData(json => WriteKey(json, caller, now)));
        return exchange.AnswerAsync(200, body);
    }

    private void WriteKey(Utf8JsonWriter json, SandboxKey key, DateTimeOffset now)
    {
        json.WriteString("label", key.Label);
        json.WriteBoolean("is_management_key", key.IsManagementKey);
        json.WriteBoolean("is_provisioning_key", key.IsManagementKey);
        json.WriteMoneyOrNull("limit", key.Limit);
        json.WriteString("limit_reset", key.LimitReset);
        json.WriteMoneyOrNull("limit_remaining", key.RemainingAt(now));
        json.WriteBoolean("include_byok_in_limit", key.IncludesByok);
        WriteUsage(json, key, now);
        json.WriteBoolean("is_free_tier", key.Account.TotalCredits == 0);
        json.WriteInstantOrNull("expires_at", key.ExpiresAt);
        json.WriteString("creator_user_id", key.CreatorUserId);
        json.WriteString("organization_id", key.Account.OrganizationId);
        json.WriteString("workspace_id", key.WorkspaceId);
        json.WriteStartArray("allowed_data_regions");
        json.WriteStringValue("global");
        json.WriteEndArray();
        WriteFreeRequests(json, key.Account, now);
        if (options.ShowBudgets)
        {
            WriteBudgets(json, key.Account.StandingsOf(key, now));
        }

        json.WriteStartObject("rate_limit");
        json.WriteNumber("requests", -1);
        json.WriteString("interval", "10s");
        json.WriteString("note", "This field is deprecated and safe to ignore.");
        json.WriteEndObject();
    }

    internal static void WriteUsage(Utf8JsonWriter json, SandboxKey key, DateTimeOffset now)
    {
        json.WriteMoney("usage", NanoDollars.ToUsd(key.Meter.Spent(null, now)));
        foreach (string interval in (string[])[UtcWindow.Daily, UtcWindow.Weekly, UtcWindow.Monthly])
        {
            json.WriteMoney($"usage_{interval}", NanoDollars.ToUsd(key.Meter.Spent(interval, now)));
        }

        foreach (string name in (string[])["byok_usage", "byok_usage_daily", "byok_usage_weekly", "byok_usage_monthly"])
        {
            json.WriteNumber(name, 0);
        }
    }

    private static void WriteFreeRequests(Utf8JsonWriter json, SandboxAccount account, DateTimeOffset now)
    {
        (int used, int limit) = account.FreeRequestsShown(now);
        json.WriteStartObject("free_model_daily_requests");
        json.WriteNumber("used", used);
        json.WriteNumber("limit", limit);
        json.WriteNumber("remaining", Math.Max(0, limit - used));
        json.WriteEndObject();
    }

    private static void WriteBudgets(Utf8JsonWriter json, IReadOnlyList<BudgetStanding> budgets)
    {
        json.WriteStartArray("budgets");
        foreach (BudgetStanding budget in budgets)
        {
            WriteBudget(json, budget);
        }

        json.WriteEndArray();
        json.WritePropertyName("effective_budget");
        if ((budgets.FirstOrDefault(budget => budget.Remaining <= 0) ?? budgets.MinBy(budget => budget.Remaining)) is { } effective)
        {
            WriteBudget(json, effective);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static void WriteBudget(Utf8JsonWriter json, BudgetStanding budget)
    {
        bool isWorkspaceBudget = budget.Scope == SandboxBudget.WorkspaceScope;
        json.WriteStartObject();
        json.WriteString("scope", budget.Scope);
        json.WriteMoney("limit_usd", budget.Limit);
        json.WriteMoney("spend_usd", budget.Spent);
        json.WriteMoney("remaining_usd", budget.Remaining);
        json.WriteString("reset_interval", budget.ResetInterval);
        json.WriteInstantOrNull("resets_at", budget.ResetsAt);
        json.WriteBoolean("include_byok", false);
        json.WriteString("guardrail_id", isWorkspaceBudget ? null : budget.Id);
        json.WriteString("budget_id", isWorkspaceBudget ? budget.Id : null);
        json.WriteEndObject();
    }
}
