using Microsoft.Extensions.Options;
using static System.FormattableString;

namespace OpenRouter.Billing.Foresight;

/// <summary>Checks the options as a whole; each message names the option, the value found and the cure.</summary>
internal sealed class ReloadOptionsValidator : IValidateOptions<ReloadOptions>
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public static void ThrowIfInvalid(ReloadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var validation = new ReloadOptionsValidator().Validate(null, options);
        if (validation.Failed)
        {
            throw new ArgumentException(validation.FailureMessage, nameof(options));
        }
    }

    public ValidateOptionsResult Validate(string? name, ReloadOptions options)
    {
        var failures = new List<string>();
        CheckAmount(nameof(options.Threshold), options.Threshold, failures);
        CheckAmount(nameof(options.Amount), options.Amount, failures);
        CheckAmount(nameof(options.MinimumAmount), options.MinimumAmount, failures);
        CheckAmount(nameof(options.MaxAmountPerDay), options.MaxAmountPerDay, failures);
        CheckTime(nameof(options.Arrival), options.Arrival, failures);
        CheckTime(nameof(options.Cooldown), options.Cooldown, failures);
        CheckTime(nameof(options.CallTimeout), options.CallTimeout, failures);
        if (options.MaximumAmount < options.MinimumAmount)
        {
            failures.Add(Invariant($"MaximumAmount is {options.MaximumAmount} USD, below MinimumAmount ({options.MinimumAmount} USD): make it at least as much."));
        }

        if (options.Days is < 1 or > 90)
        {
            failures.Add(Invariant($"Days is {options.Days}: use 1 to 90."));
        }

        if (options.MaxPerDay < 1)
        {
            failures.Add(Invariant($"MaxPerDay is {options.MaxPerDay}: use a positive number."));
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckAmount(string name, decimal? value, List<string> failures)
    {
        if (value <= 0)
        {
            failures.Add(Invariant($"{name} is {value} USD: use a positive amount."));
        }
    }

    private static void CheckTime(string name, TimeSpan value, List<string> failures)
    {
        if (value <= TimeSpan.Zero || value > Longest)
        {
            failures.Add($"{name} is {value:c}: use a positive time of at most {Longest.Days} days.");
        }
    }
}
