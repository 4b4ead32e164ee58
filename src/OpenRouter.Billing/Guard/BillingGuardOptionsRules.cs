using System.Globalization;

namespace OpenRouter.Billing.Guard;

/// <summary>What is right and wrong about <see cref="BillingGuardOptions"/>.</summary>
internal static class BillingGuardOptionsRules
{
    public static void Check(BillingGuardOptions options, List<string> failures)
    {
        if (!Enum.IsDefined(options.Mode))
        {
            failures.Add($"Guard.Mode is {options.Mode:D}: use {nameof(BillingGuardMode.Enforce)}, {nameof(BillingGuardMode.Observe)} or {nameof(BillingGuardMode.Off)}.");
        }

        if (options.MinimumBalance < 0)
        {
            failures.Add(string.Create(CultureInfo.InvariantCulture, $"Guard.MinimumBalance is {options.MinimumBalance} USD: use 0 or more."));
        }

        if (options is { PaysByInvoice: true, MinimumBalance: > 0 })
        {
            failures.Add(string.Create(CultureInfo.InvariantCulture, $"Guard.MinimumBalance is {options.MinimumBalance} USD, and Guard.PaysByInvoice says that there is no balance: use one of the two."));
        }

        if (options.PaidRequestClaim <= 0)
        {
            failures.Add(string.Create(CultureInfo.InvariantCulture, $"Guard.PaidRequestClaim is {options.PaidRequestClaim} USD: use a positive amount, the most that one request can cost."));
        }

        if (!Enum.IsDefined(options.WhenUnavailable))
        {
            failures.Add($"Guard.WhenUnavailable is {options.WhenUnavailable:D}: use {nameof(UnavailableBehavior.Refuse)} or {nameof(UnavailableBehavior.Allow)}.");
        }

        if (!Enum.IsDefined(options.Pricing))
        {
            failures.Add($"Guard.Pricing is {options.Pricing:D}: use {nameof(PricingMode.Catalogue)}, {nameof(PricingMode.DearestEndpoint)} or {nameof(PricingMode.Flat)}.");
        }

        if (!Enum.IsDefined(options.WhenUnreadable))
        {
            failures.Add($"Guard.WhenUnreadable is {options.WhenUnreadable:D}: use {nameof(UnreadableBehavior.Allow)} or {nameof(UnreadableBehavior.Refuse)}.");
        }

        CheckCount(nameof(options.FreeRequestsPerMinute), options.FreeRequestsPerMinute, failures);
        CheckCount(nameof(options.LeastOutputTokens), options.LeastOutputTokens, failures);
        CheckCount(nameof(options.MaxRequestBytes), options.MaxRequestBytes, failures);
        CheckTimes(options, failures);
        OwnLimitRules.Check(options, failures);
    }

    private static void CheckCount(string name, int value, List<string> failures)
    {
        if (value <= 0)
        {
            failures.Add(string.Create(CultureInfo.InvariantCulture, $"Guard.{name} is {value}: use a positive number."));
        }
    }

    private static void CheckTimes(BillingGuardOptions options, List<string> failures)
    {
        OptionRules.Positive("Guard." + nameof(options.RefreshAfter), options.RefreshAfter, failures);
        OptionRules.Positive("Guard." + nameof(options.MaxReadingAge), options.MaxReadingAge, failures);
        OptionRules.Positive("Guard." + nameof(options.MaxRefusalReadingAge), options.MaxRefusalReadingAge, failures);
        OptionRules.Positive("Guard." + nameof(options.ReadingTimeout), options.ReadingTimeout, failures);
        OptionRules.Positive("Guard." + nameof(options.LeaseDuration), options.LeaseDuration, failures);
        OptionRules.Positive("Guard." + nameof(options.PriceRefreshAfter), options.PriceRefreshAfter, failures);
        OptionRules.NotNegative("Guard." + nameof(options.SettlementLag), options.SettlementLag, failures);
        OptionRules.NotNegative("Guard." + nameof(options.ReconcileFor), options.ReconcileFor, failures);
        OptionRules.NotNegative("Guard." + nameof(options.FreeMinuteWait), options.FreeMinuteWait, failures);
        OptionRules.NotNegative("Guard." + nameof(options.LeastSettlementLag), options.LeastSettlementLag, failures);
        if (options.MaxReadingAge < options.RefreshAfter)
        {
            failures.Add($"Guard.MaxReadingAge is {options.MaxReadingAge:c}, shorter than Guard.RefreshAfter ({options.RefreshAfter:c}): make it at least as long.");
        }
    }
}
