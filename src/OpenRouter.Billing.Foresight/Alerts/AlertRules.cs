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
            yield return Condition("balance", Invariant($"balance/{threshold.At:0.#########}"), null, standing, -threshold.At, threshold, new AlertNotice
            {
                Kind = AlertKind.Balance,
                Severity = threshold.Severity,
                Message = Invariant($"The balance is {Money(left)}, below {Money(threshold.At)}."),
                Once = string.Empty,
                Value = left,
                Threshold = threshold.At,
            });
        }

        yield return Condition("balance", "balance/negative", null, left < 0 ? AlertStanding.Passed : left > 0 ? AlertStanding.Clear : AlertStanding.Near, decimal.MaxValue, null, new AlertNotice
        {
            Kind = AlertKind.NegativeBalance,
            Severity = AlertSeverity.Urgent,
            Message = Invariant($"The balance is {Money(left)}: until it is above zero, OpenRouter refuses all requests, free models too."),
            Once = string.Empty,
            Value = left,
            Threshold = 0,
        });
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
        foreach (var threshold in AlertThresholds.Limits(options))
        {
            yield return Condition(group, Invariant($"{group}/{threshold.At:0.#########}"), window, Above(percent, threshold), threshold.At, threshold, new AlertNotice
            {
                Kind = kind,
                Severity = threshold.Severity,
                Message = Invariant($"{what} has used {percent:0.##} % of its {Money(use.Capacity)}{(resetsAt is { } reset ? Invariant($", until {reset.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : string.Empty)}."),
                Once = string.Empty,
                Subject = subject,
                Value = percent,
                Threshold = threshold.At,
            });
        }
    }

    private IEnumerable<AlertCondition> FreeQuota()
    {
        if (review.Figures.CurrentKey?.FreeModelDailyRequests is not { Used: { } used, Limit: { } limit and > 0 } || _now.TimeOfDay < FreeCounterLag)
        {
            yield break;
        }

        var percent = decimal.Round((decimal)used / limit * 100, 2);
        foreach (var threshold in AlertThresholds.FreeQuota(options))
        {
            yield return Condition("free", Invariant($"free/{threshold.At:0.#########}"), Day(_now), Above(percent, threshold), threshold.At, threshold, new AlertNotice
            {
                Kind = AlertKind.FreeQuota,
                Severity = threshold.Severity,
                Message = Invariant($"{used} of the {limit} free requests of the UTC day are used."),
                Once = string.Empty,
                Value = percent,
                Threshold = threshold.At,
            });
        }
    }

    private IEnumerable<AlertCondition> Depletion()
    {
        // Nothing left is the balance's own alert, and "unknown" is none.
        if (review.Balance is not { Outcome: ForecastOutcome.RunsOut or ForecastOutcome.MayRunOut or ForecastOutcome.Lasts, Depletion: { } depletion } forecast)
        {
            yield break;
        }

        foreach (var horizon in AlertThresholds.Depletion(options))
        {
            var ahead = depletion.Expected - _now;
            var standing = ahead <= horizon.Within ? AlertStanding.Passed
                : ahead is null || ahead.Value.Ticks > horizon.Within.Ticks * (1 + options.Hysteresis) ? AlertStanding.Clear : AlertStanding.Near;
            yield return Condition("depletion", $"depletion/{horizon.Within:c}", null, standing, -horizon.Within.Ticks, horizon, new AlertNotice
            {
                Kind = AlertKind.Depletion,
                Severity = horizon.Severity,
                Message = Invariant($"The balance of {Money(forecast.Remaining ?? 0)} is expected to be gone at {depletion.Expected?.UtcDateTime:yyyy-MM-dd HH:mm} UTC, at the earliest at {depletion.Earliest?.UtcDateTime:yyyy-MM-dd HH:mm}."),
                Once = string.Empty,
                Value = ahead is { } time ? Days(time) : null,
                Threshold = Days(horizon.Within),
            });
        }
    }

    private IEnumerable<AlertCondition> Spike()
    {
        if (review.Balance is not { AverageDailySpend: { } usual and > 0, Basis: { Days: >= SpikeDays, SpentToday: { } spent } } || spent < options.SpikeMinimum)
        {
            yield break;
        }

        var part = Math.Max(LeastPartOfDay, (decimal)_now.TimeOfDay.Ticks / TimeSpan.TicksPerDay);
        var factor = decimal.Round(spent / (usual * part), 2);
        foreach (var threshold in AlertThresholds.Spikes(options))
        {
            yield return Condition("spike", Invariant($"spike/{threshold.At:0.#########}"), Day(_now), Above(factor, threshold), threshold.At, threshold, new AlertNotice
            {
                Kind = AlertKind.SpendSpike,
                Severity = threshold.Severity,
                Message = Invariant($"{Money(spent)} have been spent since 00:00 UTC, {factor:0.#} times as fast as usual ({Money(usual)} a day)."),
                Once = string.Empty,
                Value = factor,
                Threshold = threshold.At,
            });
        }
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
        foreach (var horizon in horizons)
        {
            var standing = ahead <= horizon.Within ? AlertStanding.Passed : AlertStanding.Near;
            yield return Condition(group, $"{group}/{horizon.Within:c}", window, standing, -horizon.Within.Ticks, horizon, new AlertNotice
            {
                Kind = kind,
                Severity = horizon.Severity,
                Message = Invariant($"{what} from {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC on."),
                Once = string.Empty,
                Subject = subject,
                Value = Days(ahead),
                Threshold = Days(horizon.Within),
            });
        }
    }

    private static AlertCondition Condition(string group, string rule, string? window, AlertStanding standing, decimal tightness, object? source, AlertNotice notice) =>
        new(group, rule, window, standing, tightness, notice with
        {
            Recipients = source switch
            {
                AlertThresholdOptions threshold => [.. threshold.Recipients],
                AlertHorizonOptions horizon => [.. horizon.Recipients],
                _ => [],
            },
        });

    private AlertStanding Above(decimal value, AlertThresholdOptions threshold) =>
        value >= threshold.At ? AlertStanding.Passed : value < threshold.At * (1 - options.Hysteresis) ? AlertStanding.Clear : AlertStanding.Near;

    private static string Day(DateTimeOffset at) => Invariant($"{at.UtcDateTime:yyyy-MM-dd}");

    private static decimal Days(TimeSpan time) => decimal.Round((decimal)time.Ticks / TimeSpan.TicksPerDay, 2);

    public static string Money(decimal usDollars) => Invariant($"{usDollars:0.00##} USD");

    private static string Quoted(string? name) => Plain(name) is { } plain ? $" '{plain}'" : string.Empty;

    // People name keys, and some paste one where a name belongs.
    public static string? Plain(string? name) => string.IsNullOrWhiteSpace(name) ? null : Redaction.Clean(name, LongestName);
}
