using Microsoft.Extensions.Options;
using static System.FormattableString;

namespace OpenRouter.Billing.Foresight;

/// <summary>Checks the options as a whole; each message names the option, the value found and the cure.</summary>
internal sealed class PurchaseOptionsValidator : IValidateOptions<PurchaseOptions>
{
    // Whoever waits longer than this waits for something that does not come.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    public static void ThrowIfInvalid(PurchaseOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var validation = new PurchaseOptionsValidator().Validate(null, options);
        if (validation.Failed)
        {
            throw new ArgumentException(validation.FailureMessage, nameof(options));
        }
    }

    public ValidateOptionsResult Validate(string? name, PurchaseOptions options)
    {
        var failures = new List<string>();
        CheckRate(nameof(options.CardFeeRate), options.CardFeeRate, failures);
        CheckRate(nameof(options.CryptoFeeRate), options.CryptoFeeRate, failures);
        if (options.CardMinimumFee < 0)
        {
            failures.Add(Invariant($"CardMinimumFee is {options.CardMinimumFee} USD: use 0 or more."));
        }

        if (options.RefundTicketFrom <= 0)
        {
            failures.Add(Invariant($"RefundTicketFrom is {options.RefundTicketFrom} USD: use a positive amount."));
        }

        if (options.RefundBusinessDays is < 1 or > 1000)
        {
            failures.Add(Invariant($"RefundBusinessDays is {options.RefundBusinessDays}: use 1 to 1000."));
        }

        if (options.MonthsUntilExpiry is < 1 or > 1200)
        {
            failures.Add(Invariant($"MonthsUntilExpiry is {options.MonthsUntilExpiry}: use 1 to 1200."));
        }

        CheckPackages(options, failures);
        CheckTimes(options, failures);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckPackages(PurchaseOptions options, List<string> failures)
    {
        for (var index = 0; index < options.Packages.Count; index++)
        {
            switch (options.Packages[index])
            {
                case null:
                    failures.Add(Invariant($"Packages[{index}] is null: take it out."));
                    break;
                case { Price: <= 0 } package:
                    failures.Add(Invariant($"Packages[{index}].Price is {package.Price} USD: use a positive amount."));
                    break;
                case { BonusRate: < 0 or > 100 } package:
                    failures.Add(Invariant($"Packages[{index}].BonusRate is {package.BonusRate}: use a fraction of the price from 0 to 100, such as 0.1."));
                    break;
            }
        }
    }

    private static void CheckTimes(PurchaseOptions options, List<string> failures)
    {
        CheckOrder(nameof(options.FirstPause), options.FirstPause, nameof(options.LongestPause), options.LongestPause, failures);
        CheckOrder(nameof(options.UsualArrival), options.UsualArrival, nameof(options.TicketAfter), options.TicketAfter, failures);
        CheckOrder(nameof(options.TicketAfter), options.TicketAfter, nameof(options.LongestArrival), options.LongestArrival, failures);
        foreach (var (option, value) in new[] { (nameof(options.LongestArrival), options.LongestArrival), (nameof(options.LongestPause), options.LongestPause), (nameof(options.RefundWindow), options.RefundWindow) })
        {
            if (value <= TimeSpan.Zero || value > Longest)
            {
                failures.Add($"{option} is {value:c}: use a positive time of at most {Longest.Days} days.");
            }
        }
    }

    private static void CheckOrder(string shortName, TimeSpan shorter, string longName, TimeSpan longer, List<string> failures)
    {
        if (shorter <= TimeSpan.Zero || shorter > longer)
        {
            failures.Add($"{shortName} is {shorter:c}: use a positive time, not longer than {longName} ({longer:c}).");
        }
    }

    private static void CheckRate(string name, decimal value, List<string> failures)
    {
        if (value is < 0 or > 1)
        {
            failures.Add(Invariant($"{name} is {value}: use a fraction from 0 to 1, such as 0.055."));
        }
    }
}
