using System.Globalization;
using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>GET /datasets/session-cost</c>: made-up medians for two apps, worked out from the models' prices.</summary>
internal sealed class SessionCostEndpoint(ModelCatalog catalog)
{
    private const int PerMinute = 30;
    private const int PerDay = 500;
    private const int WindowDays = 30;
    private const int PromptTokensPerTurn = 2_000;
    private const int OutputTokensPerTurn = 400;
    private static readonly (string Slug, string Name)[] Apps = [("sandbox-agent", "Sandbox Agent"), ("sandbox-editor", "Sandbox Editor")];
    private static readonly (string Word, int Turns)[] Ranges = [("1-turn", 1), ("2-9-turns", 5), ("10-49-turns", 25), ("50-plus-turns", 80)];

    public Task HandleAsync(Exchange exchange, SandboxKey caller)
    {
        if (!caller.Account.Locked(now => caller.Account.DatasetCalls.TryCount(caller.Hash, now, PerMinute, PerDay)))
        {
            return exchange.RefuseAsync(Refused.TooManyDatasetCalls);
        }

        int limit = 100;
        int offset = 0;
        string? range = exchange.QueryValue("turn_range");
        if (!exchange.TryQueryNumber("limit", 1, 500, ref limit)
            || !exchange.TryQueryNumber("offset", 0, 5_000, ref offset)
            || (range is not null && !Array.Exists(Ranges, each => each.Word == range)))
        {
            return exchange.RefuseAsync(Refused.BadParameters);
        }

        var rows = from app in Apps
                   where exchange.QueryValue("app_slug") is not { } slug || slug == app.Slug
                   from model in catalog.All.Where(model => model.RoutesTo is null).OrderBy(model => model.Slug, StringComparer.Ordinal)
                   where exchange.QueryValue("model") is not { } slug || slug == model.Slug
                   from turns in Ranges
                   where range is null || range == turns.Word
                   select (app, model, turns);
        return exchange.AnswerAsync(200, Json.Write(json =>
        {
            json.WriteStartObject();
            json.WriteList("data", rows.DistinctBy(row => (row.app.Slug, row.model.Slug, row.turns.Word)).Skip(offset).Take(limit), Write);
            WriteMeta(json, exchange.Now);
            json.WriteEndObject();
        }));
    }

    private static void Write(Utf8JsonWriter json, ((string Slug, string Name) App, SandboxModel Model, (string Word, int Turns) Range) row)
    {
        json.WriteString("app_slug", row.App.Slug);
        json.WriteString("app_name", row.App.Name);
        json.WriteString("model_permaslug", row.Model.Slug);
        json.WriteString("turn_range", row.Range.Word);
        json.WriteMoney("median_session_cost_usd", row.Range.Turns * ((PromptTokensPerTurn * row.Model.PromptPrice) + (OutputTokensPerTurn * row.Model.CompletionPrice)));
    }

    /// <summary>The data is made anew on Mondays.</summary>
    private static void WriteMeta(Utf8JsonWriter json, DateTimeOffset now)
    {
        DateTimeOffset lastDay = UtcWindow.StartOf(UtcWindow.Weekly, now).AddDays(-1);
        json.WriteStartObject("meta");
        json.WriteInstantOrNull("as_of", now);
        json.WriteString("version", "v1");
        json.WriteNumber("window_days", WindowDays);
        json.WriteString("window_end_date", lastDay.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }
}
