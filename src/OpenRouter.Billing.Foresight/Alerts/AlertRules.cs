using static System.FormattableString;

namespace OpenRouter.Billing.Foresight;

/// <summary>Says of what was read where every figure stands to every threshold. What is unknown stands nowhere.</summary>
internal sealed class AlertRules(BillingAlertOptions options, AccountReview review)
{
    private const int SpikeDays = 7;
    private const int LongestName = 100;

    // The first hours of a day say little about its rest.
    private const decimal LeastPartOfDay = 0.125m;

    // OpenRouter's counter of free requests shows yesterday's for a while.
    private static readonly TimeSpan FreeCounterLag = TimeSpan.FromMinutes(15);

    private readonly DateTimeOffset _now = review.Figures.At;

    public IEnumerable<AlertCondition> Conditions() =>
        Balance().Concat(Limits()).Concat(Layers()).Concat(FreeQuota()).Concat(Depletion()).Concat(Spike()).Concat(KeyExpiry()).Concat(ModelExpiry())
            .Where(condition => !options.Muted.Contains(condition.Notice.Kind));

    private IEnumerable<AlertCondition> Balance()
    {
        if (review.Figures.Balance is not { } balance)
        {
            yield break;
        }

        var left = balance.Remaining;
        foreach (var threshold in AlertThresholds.Balance(options))
        {
            var standing = left < threshold.At ? AlertStanding.Passed : left >= threshold.At * (1 + options.Hysteresis) ? AlertStanding.Clear : AlertStanding.Near;
            yield return Condition("balance", null, standing, -threshold.At, threshold, Notice(AlertKind.Balance, Invariant($"The balance is {Money(left)}, below {Money(threshold.At)}."), left));
        }

        var negative = Notice(AlertKind.NegativeBalance, Invariant($"The balance is {Money(left)}: until it is above zero, OpenRouter refuses all requests, free models too."), left);
        yield return new AlertCondition("balance", "balance/negative", null, left < 0 ? AlertStanding.Passed : left > 0 ? AlertStanding.Clear : AlertStanding.Near, decimal.MaxValue, negative with { Threshold = 0 });
    }

    private IEnumerable<AlertCondition> Limits() =>
        from limit in review.Limits
        where limit is { Capacity: > 0, Remaining: not null }
        from condition in Used(
            limit.Limit == ForecastLimit.KeyCap ? AlertKind.KeyCap : AlertKind.Budget,
            limit.Limit == ForecastLimit.KeyCap ? $"key/{limit.KeyHash}" : $"app-budget/{limit.Name}/{limit.KeyHash}",
            limit.Limit == ForecastLimit.KeyCap ? $"The key{Quoted(limit.Name)}" : $"The budget{Quoted(limit.Name)}",
            Plain(limit.Name),
            (limit.Capacity!.Value, limit.Capacity.Value - limit.Remaining!.Value),
            limit.ResetsAt)
        select condition;

    // The layer of the key's own cap is among the limits already.
    private IEnumerable<AlertCondition> Layers() =>
        from layer in review.Figures.CurrentKey?.Budgets ?? []
        where layer is { Limit: > 0, Remaining: not null } && layer.Scope.Value != "key_limit"
        from condition in Used(
            AlertKind.Budget,
            $"layer/{layer.Scope.Value}/{layer.BudgetId ?? layer.GuardrailId}/{layer.Reset?.Value}",
            $"OpenRouter's budget{Quoted(layer.Scope.Value)}",
            Plain(layer.Scope.Value),
            (layer.Limit!.Value, layer.Limit.Value - layer.Remaining!.Value),
            layer.ResetsAt)
        select condition;

    private IEnumerable<AlertCondition> Used(AlertKind kind, string group, string what, string? subject, (decimal Capacity, decimal Spent) use, DateTimeOffset? resetsAt)
    {
        var percent = decimal.Round(use.Spent / use.Capacity * 100, 2);
        // Another cap, or another period, is another thing to be told of.
        var window = resetsAt is { } at ? Invariant($"{use.Capacity:0.#########}/{at.UtcDateTime:yyyy-MM-dd}") : null;
        var until = resetsAt is { } reset ? Invariant($", until {reset.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : string.Empty;
        return Rising(group, window, AlertThresholds.Limits(options), Notice(kind, Invariant($"{what} has used {percent:0.##} % of its {Money(use.Capacity)}{until}."), percent, subject));
    }

    private IEnumerable<AlertCondition> FreeQuota()
    {
        if (review.Figures.CurrentKey?.FreeModelDailyRequests is not { Used: { } used, Limit: { } limit and > 0 } || _now.TimeOfDay < FreeCounterLag)
        {
            return [];
        }

        var percent = decimal.Round((decimal)used / limit * 100, 2);
        return Rising("free", Day(_now), AlertThresholds.FreeQuota(options), Notice(AlertKind.FreeQuota, Invariant($"{used} of the {limit} free requests of the UTC day are used."), percent));
    }

    private IEnumerable<AlertCondition> Depletion()
    {
        // Nothing left is the balance's own alert, and "unknown" is none.
        if (review.Balance is not { Outcome: ForecastOutcome.RunsOut or ForecastOutcome.MayRunOut or ForecastOutcome.Lasts, Depletion: { } depletion } forecast)
        {
            yield break;
        }

        var ahead = depletion.Expected - _now;
        var notice = Notice(
            AlertKind.Depletion,
            Invariant($"The balance of {Money(forecast.Remaining ?? 0)} is expected to be gone at {depletion.Expected?.UtcDateTime:yyyy-MM-dd HH:mm} UTC, at the earliest at {depletion.Earliest?.UtcDateTime:yyyy-MM-dd HH:mm}."),
            ahead is { } time ? Days(time) : null);
        foreach (var horizon in AlertThresholds.Depletion(options))
        {
            var standing = ahead <= horizon.Within ? AlertStanding.Passed
                : ahead is null || ahead.Value.Ticks > horizon.Within.Ticks * (1 + options.Hysteresis) ? AlertStanding.Clear : AlertStanding.Near;
            yield return Condition("depletion", null, standing, horizon, notice);
        }
    }

    private IEnumerable<AlertCondition> Spike()
    {
        if (review.Balance is not { AverageDailySpend: { } usual and > 0, Basis: { Days: >= SpikeDays, SpentToday: { } spent } } || spent < options.SpikeMinimum)
        {
            return [];
        }

        var part = Math.Max(LeastPartOfDay, (decimal)_now.TimeOfDay.Ticks / TimeSpan.TicksPerDay);
        var factor = decimal.Round(spent / (usual * part), 2);
        return Rising("spike", Day(_now), AlertThresholds.Spikes(options), Notice(
            AlertKind.SpendSpike,
            Invariant($"{Money(spent)} have been spent since 00:00 UTC, {factor:0.#} times as fast as usual ({Money(usual)} a day)."),
            factor));
    }

    private IEnumerable<AlertCondition> KeyExpiry()
    {
        IEnumerable<(string Id, string? Name, DateTimeOffset? ExpiresAt)> keys = review.Figures.Keys is { } all
            ? all.Where(key => key.IsDisabled != true).Select(key => (key.Hash, key.Name, key.ExpiresAt))
            : [("current", null, review.Figures.CurrentKey?.ExpiresAt)];
        return keys.Where(key => key.ExpiresAt > _now).SelectMany(key => Expiry(
            AlertKind.KeyExpiry,
            $"key-expiry/{key.Id}",
            key.ExpiresAt!.Value,
            AlertThresholds.KeyExpiry(options),
            Plain(key.Name),
            $"The key{Quoted(key.Name)} stops working"));
    }

    private IEnumerable<AlertCondition> ModelExpiry() =>
        review.ExpiringModels.SelectMany(model => Expiry(
            AlertKind.ModelExpiry,
            $"model-expiry/{model.Id}",
            new DateTimeOffset(model.ExpiresOn.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero),
            AlertThresholds.ModelExpiry(options),
            Plain(model.Id),
            $"The model{Quoted(model.Id)} may be gone"));

    private IEnumerable<AlertCondition> Expiry(AlertKind kind, string group, DateTimeOffset at, IEnumerable<AlertHorizonOptions> horizons, string? subject, string what)
    {
        var (ahead, window) = (at - _now, Invariant($"{at.UtcDateTime:yyyy-MM-dd'T'HH:mm}"));
        var notice = Notice(kind, Invariant($"{what} from {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC on."), Days(ahead), subject);
        return horizons.Select(horizon => Condition(group, window, ahead <= horizon.Within ? AlertStanding.Passed : AlertStanding.Near, horizon, notice));
    }

    /// <summary>Where a figure that is the worse the higher it is stands to each of its thresholds.</summary>
    private IEnumerable<AlertCondition> Rising(string group, string? window, IEnumerable<AlertThresholdOptions> thresholds, AlertNotice notice) =>
        thresholds.Select(threshold => Condition(group, window, Above(notice.Value!.Value, threshold), threshold.At, threshold, notice));

    private static AlertCondition Condition(string group, string? window, AlertStanding standing, decimal tightness, AlertThresholdOptions threshold, AlertNotice notice) =>
        new(group, Invariant($"{group}/{threshold.At:0.#########}"), window, standing, tightness, notice with
        {
            Severity = threshold.Severity,
            Threshold = threshold.At,
            Recipients = [.. threshold.Recipients],
        });

    private static AlertCondition Condition(string group, string? window, AlertStanding standing, AlertHorizonOptions horizon, AlertNotice notice) =>
        new(group, $"{group}/{horizon.Within:c}", window, standing, -horizon.Within.Ticks, notice with
        {
            Severity = horizon.Severity,
            Threshold = Days(horizon.Within),
            Recipients = [.. horizon.Recipients],
        });

    // What tells it once is its rule.
    private static AlertNotice Notice(AlertKind kind, string message, decimal? value, string? subject = null) =>
        new() { Kind = kind, Severity = AlertSeverity.Urgent, Message = message, Once = string.Empty, Subject = subject, Value = value };

    private AlertStanding Above(decimal value, AlertThresholdOptions threshold) =>
        value >= threshold.At ? AlertStanding.Passed : value < threshold.At * (1 - options.Hysteresis) ? AlertStanding.Clear : AlertStanding.Near;

    private static string Day(DateTimeOffset at) => Invariant($"{at.UtcDateTime:yyyy-MM-dd}");

    private static decimal Days(TimeSpan time) => decimal.Round((decimal)time.Ticks / TimeSpan.TicksPerDay, 2);

    public static string Money(decimal usDollars) => Invariant($"{usDollars:0.00##} USD");

    private static string Quoted(string? name) => Plain(name) is { } plain ? $" '{plain}'" : string.Empty;

    // People name keys, and some paste one where a name belongs.
    public static string? Plain(string? name) => string.IsNullOrWhiteSpace(name) ? null : Redaction.Clean(name, LongestName);
}
