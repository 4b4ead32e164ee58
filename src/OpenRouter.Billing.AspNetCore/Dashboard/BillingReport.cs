using System.Text.Json.Serialization;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Everything that the dashboard shows. What is unknown is null. Amounts are US dollars.</summary>
internal sealed record BillingReport
{
    public required DateTimeOffset At { get; init; }

    public required string Mode { get; init; }

    public required BalanceReport Balance { get; init; }

    public KeyReport? Key { get; init; }

    public FreeRequestsReport? FreeRequests { get; init; }

    public required IReadOnlyList<LimitReport> Limits { get; init; }

    public SpendReport? Spend { get; init; }

    /// <summary>Gets what the whole account spent by day, also by others; null when OpenRouter does not tell.</summary>
    public IReadOnlyList<DayReport>? AccountDays { get; init; }

    /// <summary>Gets how long the balance lasts; null when nobody can tell just now.</summary>
    public ForecastReport? Forecast { get; init; }

    /// <summary>Gets whether the caps of keys and the app's budgets last; null when nobody can tell just now.</summary>
    public IReadOnlyList<ForecastReport>? LimitForecasts { get; init; }

    public IReadOnlyList<AlertReport> Alerts { get; init; } = [];

    public required IReadOnlyList<RefusalReport> Refusals { get; init; }
}

/// <summary>Something that wants attention.</summary>
internal sealed record AlertReport(string Severity, string Text)
{
    /// <summary>Gets when it was told; null for what holds now.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>The balance; withheld when OpenRouter does not tell it to this key.</summary>
internal sealed record BalanceReport
{
    public required string State { get; init; }

    public decimal? Remaining { get; init; }

    public decimal? TotalCredits { get; init; }

    public decimal? TotalUsage { get; init; }

    public DateTimeOffset? ReadAt { get; init; }
}

/// <summary>The key's cap and what it spent.</summary>
internal sealed record KeyReport
{
    public decimal? Limit { get; init; }

    public decimal? Remaining { get; init; }

    public string? Reset { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public decimal? SpentToday { get; init; }

    public decimal? SpentThisMonth { get; init; }

    public DateTimeOffset? ReadAt { get; init; }
}

/// <summary>The free requests of the day.</summary>
internal sealed record FreeRequestsReport(long? Used, long? Limit, long? Remaining);

/// <summary>One limit as the guard sees it now.</summary>
internal sealed record LimitReport
{
    public required string Name { get; init; }

    public required string Unit { get; init; }

    public required decimal Capacity { get; init; }

    public required decimal Used { get; init; }

    public required decimal Held { get; init; }

    public required decimal Remaining { get; init; }

    public DateTimeOffset? ResetsAt { get; init; }
}

/// <summary>What this app spent, as its ledger has booked it.</summary>
internal sealed record SpendReport
{
    public required DateOnly From { get; init; }

    public required DateOnly To { get; init; }

    public required decimal Total { get; init; }

    public required decimal Today { get; init; }

    public required long Requests { get; init; }

    public required IReadOnlyList<DayReport> ByDay { get; init; }

    public required IReadOnlyList<ShareReport> ByModel { get; init; }

    public required IReadOnlyList<ShareReport> ByProject { get; init; }
}

/// <summary>One day's spending.</summary>
internal sealed record DayReport(DateOnly Day, decimal Cost, long Requests);

/// <summary>One model's or project's spending.</summary>
internal sealed record ShareReport(string Name, decimal Cost, long Requests);

/// <summary>One refusal, or several alike in a row.</summary>
internal sealed record RefusalReport
{
    public required DateTimeOffset At { get; init; }

    public required string Cause { get; init; }

    public required string SaidBy { get; init; }

    public required string Explanation { get; init; }

    public string? Project { get; init; }

    public string? Member { get; init; }

    public DateTimeOffset? OpensAt { get; init; }

    public bool WentOutAnyway { get; init; }

    public long Times { get; init; } = 1;

    /// <summary>Whether two refusals are one line.</summary>
    public bool IsLike(RefusalReport other) => this with { At = other.At, Times = other.Times, Explanation = other.Explanation, OpensAt = other.OpensAt } == other;
}

/// <summary>How reports are written as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BillingReport))]
internal sealed partial class ReportContext : JsonSerializerContext;
