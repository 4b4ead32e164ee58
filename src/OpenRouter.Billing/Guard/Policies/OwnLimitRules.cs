using static System.FormattableString;

namespace OpenRouter.Billing.Guard;

/// <summary>What is right and wrong about the limits that an app sets for itself.</summary>
internal static class OwnLimitRules
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    public static void Check(BillingGuardOptions options, List<string> failures)
    {
        if (options.MaxRequestCost <= 0)
        {
            failures.Add(Invariant($"Guard.MaxRequestCost is {options.MaxRequestCost} USD: use a positive amount, or leave it unset for any."));
        }

        for (var index = 0; index < options.Budgets.Count; index++)
        {
            Check(Invariant($"Guard.Budgets[{index}]"), options.Budgets[index], failures);
        }

        foreach (var twins in options.Budgets.Where(budget => budget is not null).GroupBy(budget => (budget.Per, budget.Window, budget.Name)).Where(group => group.Count() > 1))
        {
            failures.Add($"Guard.Budgets has {twins.Count()} {twins.Key.Window} budgets per {twins.Key.Per} {(twins.Key.Name is { } name ? $"named '{name}'" : "without a name")}: leave one.");
        }

        Check(options.Brake, failures);
        for (var index = 0; index < options.RunawayLimits.Count; index++)
        {
            Check(Invariant($"Guard.RunawayLimits[{index}]"), options.RunawayLimits[index], failures);
        }

        CheckTwins(nameof(RunawayLimitOptions.MaxCost), options.RunawayLimits.Where(limit => limit?.MaxCost is not null), failures);
        CheckTwins(nameof(RunawayLimitOptions.MaxRequests), options.RunawayLimits.Where(limit => limit?.MaxRequests is not null), failures);
    }

    private static void Check(string name, AppBudgetOptions? budget, List<string> failures)
    {
        if (budget is null)
        {
            failures.Add($"{name} is null: take it out.");
            return;
        }

        CheckSpender(name, budget.Per, failures);
        if (!Enum.IsDefined(budget.Window))
        {
            failures.Add($"{name}.Window is {budget.Window:D}: use one of {string.Join(", ", Enum.GetNames<BudgetWindow>())}.");
        }

        if (budget.Limit < 0)
        {
            failures.Add(Invariant($"{name}.Limit is {budget.Limit} USD: use 0 or more."));
        }

        if (budget.Name is not null && (budget.Name.Length == 0 || budget.Per is Spender.App or Spender.Account or Spender.Key))
        {
            failures.Add($"{name}.Name is '{budget.Name}' and Per is {budget.Per}: name a project, member or workspace, or leave the name unset.");
        }
    }

    private static void Check(string name, RunawayLimitOptions? limit, List<string> failures)
    {
        if (limit is null)
        {
            failures.Add($"{name} is null: take it out.");
            return;
        }

        CheckSpender(name, limit.Per, failures);
        OptionRules.Positive($"{name}.Window", limit.Window, failures);
        if (limit.MaxCost is null && limit.MaxRequests is null)
        {
            failures.Add($"{name} limits nothing: set MaxCost, MaxRequests or both.");
        }

        if (limit.MaxCost <= 0)
        {
            failures.Add(Invariant($"{name}.MaxCost is {limit.MaxCost} USD: use a positive amount, or leave it unset for any."));
        }

        if (limit.MaxRequests <= 0)
        {
            failures.Add(Invariant($"{name}.MaxRequests is {limit.MaxRequests}: use a positive number, or leave it unset for any."));
        }
    }

    private static void Check(RunawayBrakeOptions brake, List<string> failures)
    {
        if (!Enum.IsDefined(brake.Action))
        {
            failures.Add($"Guard.Brake.Action is {brake.Action:D}: use one of {string.Join(", ", Enum.GetNames<BrakeAction>())}.");
        }

        CheckSpender("Guard.Brake", brake.Per, failures);
        OptionRules.Positive("Guard.Brake.Window", brake.Window, failures);
        OptionRules.Positive("Guard.Brake.BreakDuration", brake.BreakDuration, failures);
        OptionRules.Positive("Guard.Brake.Delay", brake.Delay, failures);
        if (brake.Delay > LongestDelay)
        {
            failures.Add($"Guard.Brake.Delay is {brake.Delay:c}: use at most {LongestDelay:c}, so that no request waits without end.");
        }

        if (brake.Action != BrakeAction.None && brake.MaxRepeats is null && brake.MaxCost is null)
        {
            failures.Add($"Guard.Brake.Action is {brake.Action}, and nothing is to be looked for: set Guard.Brake.MaxRepeats, MaxCost or both.");
        }

        if (brake.MaxRepeats is <= 0 or > 1_000_000)
        {
            failures.Add(Invariant($"Guard.Brake.MaxRepeats is {brake.MaxRepeats}: use 1 to 1000000, or leave it unset for any."));
        }

        if (brake.MaxCost <= 0)
        {
            failures.Add(Invariant($"Guard.Brake.MaxCost is {brake.MaxCost} USD: use a positive amount, or leave it unset for any."));
        }

        if (brake.Probes <= 0)
        {
            failures.Add(Invariant($"Guard.Brake.Probes is {brake.Probes}: use a positive number."));
        }
    }

    // Two of them would be one limit, on which each request counts twice.
    private static void CheckTwins(string measure, IEnumerable<RunawayLimitOptions> limits, List<string> failures)
    {
        foreach (var twins in limits.GroupBy(limit => (limit.Per, limit.Window)).Where(group => group.Count() > 1))
        {
            failures.Add($"Guard.RunawayLimits has {twins.Count()} limits of {measure} per {twins.Key.Per} in {twins.Key.Window:c}: leave one.");
        }
    }

    private static void CheckSpender(string name, Spender spender, List<string> failures)
    {
        if (!Enum.IsDefined(spender))
        {
            failures.Add($"{name}.Per is {spender:D}: use one of {string.Join(", ", Enum.GetNames<Spender>())}.");
        }
    }
}
