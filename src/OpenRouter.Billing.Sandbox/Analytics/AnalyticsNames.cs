namespace OpenRouter.Billing.Sandbox;

/// <summary>What queries may name: metrics, dimensions, operators and granularities.</summary>
internal static class AnalyticsNames
{
    public const string GenerationId = "generation_id";
    public const string RequestCount = "request_count";

    /// <summary>Amounts are written as numbers and counts as strings, as the real service does.</summary>
    public static IReadOnlyList<AnalyticsFigure> Metrics { get; } =
    [
        new("total_usage", "Total Usage", "currency", rows => rows.Sum(row => row.Usage)),
        new(RequestCount, "Request Count", "number", rows => rows.Sum(row => row.Requests)),
        new("tokens_total", "Total Tokens", "number", rows => rows.Sum(row => row.PromptTokens + row.CompletionTokens)),
        new("tokens_prompt", "Prompt Tokens", "number", rows => rows.Sum(row => row.PromptTokens)),
        new("tokens_completion", "Completion Tokens", "number", rows => rows.Sum(row => row.CompletionTokens)),
        new("reasoning_tokens", "Reasoning Tokens", "number", rows => rows.Sum(row => row.ReasoningTokens)),
        // Nothing is cached here, and of nothing there is no rate.
        new("cache_hit_rate", "Cache Hit Rate", "percent", rows => rows.Any(row => row.PromptTokens > 0) ? 0 : null),
    ];

    public static IReadOnlyList<(string Name, string Label)> Dimensions { get; } =
        [("model", "Model"), ("provider", "Provider"), ("api_key_id", "API Key"), ("user", "User"), ("workspace", "Workspace"), (GenerationId, "Generation")];

    public static IReadOnlyList<(string Name, bool TakesList)> Operators { get; } =
        [("eq", false), ("neq", false), ("in", true), ("not_in", true), ("gt", false), ("gte", false), ("lt", false), ("lte", false)];

    public static IReadOnlyList<(string Name, string Label)> Granularities { get; } =
        [("minute", "Minute"), ("hour", "Hour"), ("day", "Day"), ("week", "Week"), ("month", "Month")];

    /// <summary>The start of the step that holds an instant. Weeks begin on Sundays here, as in the real service's samples.</summary>
    public static DateTimeOffset StartOf(string granularity, DateTimeOffset at)
    {
        DateTimeOffset day = UtcWindow.StartOfDay(at);
        return granularity switch
        {
            "minute" => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMinute)),
            "hour" => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerHour)),
            "day" => day,
            "week" => day.AddDays(-(int)day.DayOfWeek),
            _ => day.AddDays(1 - day.Day),
        };
    }
}
