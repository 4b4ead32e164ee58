namespace OpenRouter.Billing.Foresight;

/// <summary>At which balance to reload, and how much.</summary>
public sealed record ReloadAdvice
{
    /// <summary>Gets the balance at which to reload.</summary>
    /// <value>US dollars; <see langword="null"/> when too little is known to recommend one.</value>
    public decimal? Threshold { get; init; }

    /// <summary>Gets how much to reload.</summary>
    /// <value>US dollars of credits; <see langword="null"/> when too little is known to recommend an amount.</value>
    public decimal? Amount { get; init; }

    /// <summary>Gets whether it is time.</summary>
    /// <value><see langword="false"/> also when the balance or the threshold is unknown.</value>
    public required bool IsDue { get; init; }

    /// <summary>Gets why, in sentences.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Gets what the advice rests on.</summary>
    public required Forecast Forecast { get; init; }
}
