namespace OpenRouter.Billing;

/// <summary>What a key has spent, over its life and in the current UTC windows.</summary>
public sealed record KeyUsage
{
    /// <summary>Gets the spending since the key exists.</summary>
    /// <value>US dollars; <see langword="null"/> when the server did not say.</value>
    public decimal? Total { get; init; }

    /// <summary>Gets the spending since 00:00 UTC.</summary>
    /// <value>US dollars; <see langword="null"/> when the server did not say.</value>
    public decimal? Today { get; init; }

    /// <summary>Gets the spending since Monday, 00:00 UTC.</summary>
    /// <value>US dollars; <see langword="null"/> when the server did not say.</value>
    public decimal? ThisWeek { get; init; }

    /// <summary>Gets the spending since the first of the month, 00:00 UTC.</summary>
    /// <value>US dollars; <see langword="null"/> when the server did not say.</value>
    public decimal? ThisMonth { get; init; }
}
