using Microsoft.Extensions.Options;
using static System.FormattableString;

namespace OpenRouter.Billing.Foresight;

/// <summary>Checks the options; each message names the option, the value found and the cure.</summary>
internal sealed class BillingAlertOptionsValidator : IValidateOptions<BillingAlertOptions>
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    public ValidateOptionsResult Validate(string? name, BillingAlertOptions options)
    {
        var failures = new List<string>();
        if (options.PollInterval < TimeSpan.FromSeconds(1) || options.PollInterval > TimeSpan.FromDays(1))
        {
            failures.Add($"{nameof(options.PollInterval)} is {options.PollInterval:c}: use 1 second to 1 day.");
        }

        if (options.Hysteresis is < 0.01m or > 1)
        {
            failures.Add(Invariant($"{nameof(options.Hysteresis)} is {options.Hysteresis}: use 0.01 (a hundredth of the threshold) to 1."));
        }

        if (options.SpikeMinimum < 0)
        {
            failures.Add(Invariant($"{nameof(options.SpikeMinimum)} is {options.SpikeMinimum} USD: use 0 or more."));
        }

        CheckThresholds(nameof(options.BalanceThresholds), options.BalanceThresholds, 0, failures);
        CheckThresholds(nameof(options.LimitThresholds), options.LimitThresholds, 0, failures);
        CheckThresholds(nameof(options.FreeQuotaThresholds), options.FreeQuotaThresholds, 0, failures);
        CheckThresholds(nameof(options.SpikeThresholds), options.SpikeThresholds, 1, failures);
        CheckHorizons(nameof(options.DepletionHorizons), options.DepletionHorizons, failures);
        CheckHorizons(nameof(options.KeyExpiryHorizons), options.KeyExpiryHorizons, failures);
        CheckHorizons(nameof(options.ModelExpiryHorizons), options.ModelExpiryHorizons, failures);
        return failures.Count == 0 ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(string.IsNullOrEmpty(name) ? failures : failures.Select(failure => $"Account '{name}': {failure}"));
    }

    private static void CheckThresholds(string list, IList<AlertThresholdOptions> thresholds, decimal above, List<string> failures)
    {
        for (var index = 0; index < thresholds.Count; index++)
        {
            if (thresholds[index] is not { } threshold)
            {
                failures.Add(Invariant($"{list}[{index}] is null: take it out."));
            }
            else if (threshold.At <= above || threshold.At > 1_000_000_000)
            {
                failures.Add(Invariant($"{list}[{index}].At is {threshold.At}: use more than {above}, up to 1000000000."));
            }
        }

        foreach (var twin in thresholds.Where(threshold => threshold is not null).GroupBy(threshold => threshold.At).Where(group => group.Count() > 1))
        {
            failures.Add(Invariant($"{list} has {twin.Count()} thresholds at {twin.Key}: leave one."));
        }
    }

    private static void CheckHorizons(string list, IList<AlertHorizonOptions> horizons, List<string> failures)
    {
        for (var index = 0; index < horizons.Count; index++)
        {
            if (horizons[index] is not { } horizon)
            {
                failures.Add(Invariant($"{list}[{index}] is null: take it out."));
            }
            else if (horizon.Within <= TimeSpan.Zero || horizon.Within > Longest)
            {
                failures.Add(Invariant($"{list}[{index}].Within is {horizon.Within:c}: use a positive time of at most {Longest.Days} days."));
            }
        }

        foreach (var twin in horizons.Where(horizon => horizon is not null).GroupBy(horizon => horizon.Within).Where(group => group.Count() > 1))
        {
            failures.Add(Invariant($"{list} has {twin.Count()} horizons of {twin.Key:c}: leave one."));
        }
    }
}
