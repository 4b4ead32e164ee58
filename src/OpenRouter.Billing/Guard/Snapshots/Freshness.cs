namespace OpenRouter.Billing.Guard;

/// <summary>How old a figure may be.</summary>
/// <param name="RefreshAfter">The age above which it is asked for anew in the background.</param>
/// <param name="MaxAge">The age above which it is waited for.</param>
/// <param name="Timeout">How long it is waited for.</param>
internal readonly record struct Freshness(TimeSpan RefreshAfter, TimeSpan MaxAge, TimeSpan Timeout)
{
    public static Freshness Usual(BillingGuardOptions options) => new(options.RefreshAfter, options.MaxReadingAge, options.ReadingTimeout);

    /// <summary>What a refusal may rest on.</summary>
    public static Freshness BeforeRefusing(BillingGuardOptions options) => new(options.MaxRefusalReadingAge, options.MaxRefusalReadingAge, options.ReadingTimeout);
}
