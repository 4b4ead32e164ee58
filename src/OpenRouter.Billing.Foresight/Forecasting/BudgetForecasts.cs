using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <summary>Forecasts of the app's own budgets, each from what the ledger has booked for its spender.</summary>
internal sealed class BudgetForecasts(IEnumerable<AppBudgetOptions> budgets, DateTimeOffset now)
{
    private const string BackTooShort = "What a lifetime budget has left is unknown here: the ledger's sums go back 32 days.";

    private readonly AppBudgetOptions[] _budgets = [.. budgets];

    public IEnumerable<Forecast> Of(IReadOnlyCollection<SpendEntry> entries) =>
        from budget in _budgets
        from spender in SpendersOf(budget, entries)
        select Of(budget, spender, entries.Where(entry => NameOf(budget.Per, entry.Labels) == spender));

    /// <summary>What tells the spenders of a kind apart; empty for what has no name, null for spending that is nobody's.</summary>
    private static string? NameOf(Spender per, SpendLabels labels) => per switch
    {
        Spender.Project => labels.Project,
        Spender.Member => labels.Member,
        Spender.Workspace => labels.Workspace,
        Spender.Key => labels.KeyHash,
        _ => string.Empty,
    };

    private IEnumerable<string> SpendersOf(AppBudgetOptions budget, IEnumerable<SpendEntry> entries)
    {
        if (budget.Name is { } name)
        {
            return [name];
        }

        if (budget.Per is Spender.App or Spender.Account)
        {
            return [string.Empty];
        }

        // Whoever has a budget by name has that one instead of everybody's.
        var named = _budgets.Where(other => other.Name is not null && other.Per == budget.Per && other.Window == budget.Window).Select(other => other.Name);
        return entries.Select(entry => NameOf(budget.Per, entry.Labels)).OfType<string>().Distinct().Except(named.OfType<string>()).Order(StringComparer.Ordinal);
    }

    private Forecast Of(AppBudgetOptions budget, string spender, IEnumerable<SpendEntry> entries)
    {
        var sums = LedgerDays.Sum(entries, budget.IncludesByok);
        var interval = Interval(budget.Window);
        var remaining = interval?.WindowStart(now) is { } start
            ? budget.Limit - sums.Where(sum => sum.Key >= DateOnly.FromDateTime(start.UtcDateTime)).Sum(sum => sum.Value)
            : (decimal?)null;
        var forecast = Forecast.Of(LedgerDays.History(sums, now), remaining, interval?.NextReset(now));
        return forecast with
        {
            Limit = ForecastLimit.AppBudget,
            Name = budget.Per is Spender.Project or Spender.Member or Spender.Workspace ? $"{budget.Window}, {budget.Per} '{spender}'" : $"{budget.Window}, {budget.Per}",
            KeyHash = budget.Per == Spender.Key ? spender : null,
            Capacity = budget.Limit,
            Basis = forecast.Basis with { Source = ForecastSource.Ledger, Missing = remaining is null ? BackTooShort : forecast.Basis.Missing },
        };
    }

    private static ResetInterval? Interval(BudgetWindow window) => window switch
    {
        BudgetWindow.Daily => ResetInterval.Daily,
        BudgetWindow.Weekly => ResetInterval.Weekly,
        BudgetWindow.Monthly => ResetInterval.Monthly,
        _ => null,
    };
}
