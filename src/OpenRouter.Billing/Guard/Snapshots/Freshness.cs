namespace OpenRouter.Billing.Guard;

/// <summary>How old a figure may be.</summary>
/// <param name="RefreshAfter">The age above which it is asked for anew in the background.</param>
/// <param name="MaxAge">The age above which it is waited for.</param>
/// <param name="Timeout">How long it is waited for.</param>
/// <param name="AskTimeout">How long the question itself may go on.</param>
internal readonly record struct Freshness(TimeSpan RefreshAfter, TimeSpan MaxAge, TimeSpan Timeout, TimeSpan AskTimeout)
{
    // For what comes before a question: whether another process has just asked it.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Gets the age up to which nobody need ask.</summary>
    public TimeSpan FreshFor => RefreshAfter < MaxAge ? RefreshAfter : MaxAge;

    public static Freshness Usual(OpenRouterBillingOptions options) =>
        new(options.Guard.RefreshAfter, options.Guard.MaxReadingAge, options.Guard.ReadingTimeout, options.TotalTimeout + Grace);

    /// <summary>What suffices far from every limit.</summary>
    public static Freshness FarFromLimits(OpenRouterBillingOptions options) =>
        Usual(options) with { RefreshAfter = Longer(options.Guard.RefreshAfter, options.Guard.MaxReadingAge / 2) };

    /// <summary>What a refusal may rest on, and close to a limit a permission too.</summary>
    public static Freshness CloseToLimits(OpenRouterBillingOptions options) =>
        new(options.Guard.MaxRefusalReadingAge, options.Guard.MaxRefusalReadingAge, options.Guard.ReadingTimeout, options.TotalTimeout + Grace);

    /// <summary>Old prices are better than none, so they serve until newer ones come.</summary>
    public static Freshness OfPrices(OpenRouterBillingOptions options, TimeSpan patience) =>
        new(options.Guard.PriceRefreshAfter, TimeSpan.MaxValue, patience, options.TotalTimeout + Grace);

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
