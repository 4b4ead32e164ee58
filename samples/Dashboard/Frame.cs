using OpenRouter.Billing;
using OpenRouter.Billing.Foresight;

namespace Dashboard;

/// <summary>What one frame shows.</summary>
internal sealed record Frame
{
    public required string Title { get; init; }

    public required DateTimeOffset At { get; init; }

    public required Forecast Balance { get; init; }

    public required IReadOnlyList<Forecast> Limits { get; init; }

    public required ReloadAdvice Reload { get; init; }

    public required FreeModelDailyRequests? Free { get; init; }

    public required IReadOnlyList<(string Model, decimal Cost)> Models { get; init; }

    /// <summary>The balances of the frames before, the oldest first.</summary>
    public required IReadOnlyList<decimal> Trend { get; init; }

    public required IReadOnlyList<(DateTimeOffset At, string Text)> Alerts { get; init; }

    /// <summary>How far the work is, from 0 to 1; null when nobody knows.</summary>
    public required decimal? Progress { get; init; }
}
