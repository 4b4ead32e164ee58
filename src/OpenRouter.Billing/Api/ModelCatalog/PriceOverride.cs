namespace OpenRouter.Billing;

/// <summary>Prices that replace a model's usual ones while all of the conditions hold.</summary>
/// <remarks>An entry of <c>pricing.overrides[]</c> of <c>GET /models</c>.</remarks>
public sealed record PriceOverride
{
    /// <summary>Gets the prompt size above which the prices apply; a prompt of exactly this size keeps the usual ones.</summary>
    /// <value>Tokens; <see langword="null"/> for any size.</value>
    /// <remarks>Read from <c>min_prompt_tokens</c>.</remarks>
    public long? MinPromptTokens { get; init; }

    /// <summary>Gets the time of day from which on the prices apply.</summary>
    /// <value>UTC; <see langword="null"/> for midnight.</value>
    /// <remarks>Read from <c>utc_start</c>, a number of hours and minutes: 30 is 00:30.</remarks>
    public TimeOnly? UtcStart { get; init; }

    /// <summary>Gets the time of day at which the prices no longer apply; one before <see cref="UtcStart"/> lies on the next day.</summary>
    /// <value>UTC; <see langword="null"/> for midnight.</value>
    /// <remarks>Read from <c>utc_end</c>, written as <c>utc_start</c>.</remarks>
    public TimeOnly? UtcEnd { get; init; }

    /// <summary>Gets the UTC days on which the window begins, or on which the prices apply all day when there is no window.</summary>
    /// <value>Empty for every day.</value>
    /// <remarks>Read from <c>utc_days</c>.</remarks>
    public IReadOnlyList<DayOfWeek> UtcDays { get; init; } = [];

    /// <summary>Gets the price of an input token.</summary>
    /// <value>US dollars per token; <see langword="null"/> to leave the price as it is.</value>
    /// <remarks>Read from <c>prompt</c>.</remarks>
    public decimal? Prompt { get; init; }

    /// <summary>Gets the price of an output token.</summary>
    /// <value>US dollars per token; <see langword="null"/> to leave the price as it is.</value>
    /// <remarks>Read from <c>completion</c>.</remarks>
    public decimal? Completion { get; init; }

    /// <summary>Gets the price of an input token read from the provider's cache.</summary>
    /// <value>US dollars per token; <see langword="null"/> to leave the price as it is.</value>
    /// <remarks>Read from <c>input_cache_read</c>.</remarks>
    public decimal? CacheRead { get; init; }

    /// <summary>Gets the price of an input token written to the provider's cache for five minutes.</summary>
    /// <value>US dollars per token; <see langword="null"/> to leave the price as it is.</value>
    /// <remarks>Read from <c>input_cache_write</c>.</remarks>
    public decimal? CacheWrite { get; init; }

    /// <summary>Gets the price of an input token written to the provider's cache for an hour.</summary>
    /// <value>US dollars per token; <see langword="null"/> to leave the price as it is.</value>
    /// <remarks>Read from <c>input_cache_write_1h</c>.</remarks>
    public decimal? CacheWriteOneHour { get; init; }

    /// <summary>Gets the price of an audio input token.</summary>
    /// <value>US dollars per token; <see langword="null"/> to leave the price as it is.</value>
    /// <remarks>Read from <c>audio</c>.</remarks>
    public decimal? Audio { get; init; }

    /// <summary>Gets the price of a cached audio input token.</summary>
    /// <value>US dollars per token; <see langword="null"/> to leave the price as it is.</value>
    /// <remarks>Read from <c>input_audio_cache</c>.</remarks>
    public decimal? AudioCacheRead { get; init; }

    /// <summary>Says whether the prices apply to a request.</summary>
    /// <param name="promptTokens">The size of the prompt, in tokens.</param>
    /// <param name="instant">When the request is made.</param>
    /// <returns><see langword="true"/> when all conditions hold.</returns>
    public bool Applies(long promptTokens, DateTimeOffset instant) =>
        !(promptTokens <= MinPromptTokens) && IsInWindow(instant.UtcDateTime);

    private bool IsInWindow(DateTime utc)
    {
        var start = UtcStart ?? TimeOnly.MinValue;
        var end = UtcEnd ?? TimeOnly.MinValue;
        var time = TimeOnly.FromDateTime(utc);
        if (start < end)
        {
            return time >= start && time < end && IsOn(utc.DayOfWeek);
        }

        // The window ends at midnight or goes on after it, and then it still belongs to the day on which it began.
        return time >= start ? IsOn(utc.DayOfWeek) : time < end && IsOn(utc.AddDays(-1).DayOfWeek);
    }

    private bool IsOn(DayOfWeek day) => UtcDays.Count == 0 || UtcDays.Contains(day);
}
