using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>GET /activity</c>: the last 30 completed UTC days, never today.</summary>
internal sealed class ActivityEndpoint(ModelCatalog catalog)
{
    private const int Days = 30;

    public Task HandleAsync(Exchange exchange, SandboxKey caller)
    {
        if (!caller.IsManagementKey)
        {
            return exchange.RefuseAsync(Refused.ManagementKeysOnly);
        }

        DateOnly today = DateOnly.FromDateTime(exchange.Now.UtcDateTime);
        DateOnly? date = null;
        if (exchange.QueryValue("date") is { } text)
        {
            if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) || day >= today || day < today.AddDays(-Days))
            {
                return exchange.RefuseAsync(Refused.BadParameters);
            }

            date = day;
        }

        string? groupBy = exchange.QueryValue("group_by");
        if (groupBy is not (null or "workspace"))
        {
            return exchange.RefuseAsync(Refused.BadParameters);
        }

        string? workspaceId = exchange.QueryValue("workspace_id");
        IReadOnlyList<SandboxActivity> rows = caller.Account.ReadActivity();
        if (workspaceId is not null && !caller.Account.HasWorkspace(workspaceId))
        {
            return exchange.RefuseAsync(Refused.UnknownWorkspace);
        }

        IEnumerable<SandboxActivity> selected = rows.Where(row =>
            row.Date < today && row.Date >= today.AddDays(-Days)
            && (date is null || row.Date == date)
            && Matches(exchange.QueryValue("api_key_hash"), row.KeyHash)
            && Matches(exchange.QueryValue("user_id"), row.UserId)
            && Matches(workspaceId, row.WorkspaceId));
        return exchange.AnswerAsync(200, Json.Write(json => Write(json, selected, byWorkspace: groupBy is not null)));
    }

    private static bool Matches(string? filter, string? value) => filter is null || filter == value;

    private void Write(Utf8JsonWriter json, IEnumerable<SandboxActivity> rows, bool byWorkspace)
    {
        json.WriteStartObject();
        json.WriteStartArray("data");
        foreach (var group in rows
            .GroupBy(row => (row.Date, row.Model, Workspace: byWorkspace ? row.WorkspaceId : null))
            .OrderByDescending(group => group.Key.Date).ThenBy(group => group.Key.Model, StringComparer.Ordinal))
        {
            SandboxActivity[] members = [.. group];
            WriteRow(json, group.Key.Date, group.Key.Model, members);
            if (byWorkspace)
            {
                json.WriteString("workspace_id", group.Key.Workspace);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteRow(Utf8JsonWriter json, DateOnly date, string id, SandboxActivity[] rows)
    {
        catalog.TryFind(id, out SandboxModel? model, out _);
        json.WriteStartObject();
        json.WriteString("date", date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteString("model", id);
        json.WriteString("model_permaslug", model?.Slug ?? id);
        json.WriteString("endpoint_id", new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 16)));
        json.WriteString("provider_name", model?.Provider ?? "Sandbox");
        json.WriteMoney("usage", rows.Sum(row => row.Usage));
        json.WriteMoney("byok_usage_inference", rows.Sum(row => row.ByokUsage));
        json.WriteNumber("requests", rows.Sum(row => row.Requests));
        json.WriteNumber("prompt_tokens", rows.Sum(row => row.PromptTokens));
        json.WriteNumber("completion_tokens", rows.Sum(row => row.CompletionTokens));
        json.WriteNumber("reasoning_tokens", rows.Sum(row => row.ReasoningTokens));
    }
}
