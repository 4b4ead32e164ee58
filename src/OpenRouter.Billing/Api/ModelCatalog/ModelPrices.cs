namespace OpenRouter.Billing;

/// <summary>What a model costs, unit by unit. 0 means that the unit is not charged, <see langword="null"/> that no price is known.</summary>
/// <remarks>
/// Read from <c>pricing</c> of <c>GET /models</c>. On the wire prices are decimals in strings; -1 stands for a price that is
/// not known before a model is chosen, and what is no number counts as unknown too.
/// </remarks>
public sealed record ModelPrices
{
    /// <summary>Gets the price of an input token.</summary>
    /// <value>US dollars per token; <see langword="null"/> when unknown.</value>
    /// <remarks>Read from <c>prompt</c>.</remarks>
    public decimal? Prompt { get; init; }

    /// <summary>Gets the price of an output token.</summary>
    /// <value>US dollars per token; <see langword="null"/> when unknown.</value>
    /// <remarks>Read from <c>completion</c>.</remarks>
    public decimal? Completion { get; init; }

    /// <summary>Gets the price of every request, besides its tokens.</summary>
    /// <value>US dollars per request; <see langword="null"/> when none is listed, or when it is unknown.</value>
    /// <remarks>Read from <c>request</c>.</remarks>
    public decimal? Request { get; init; }

    /// <summary>Gets the price of a token of reasoning that is not shown.</summary>
    /// <value>US dollars per token; <see langword="null"/> when none is listed, or when it is unknown.</value>
    /// <remarks>Read from <c>internal_reasoning</c>.</remarks>
    public decimal? InternalReasoning { get; init; }

    /// <summary>Gets the price of an input token read from the provider's cache.</summary>
    /// <value>US dollars per token; <see langword="null"/> when none is listed, or when it is unknown.</value>
    /// <remarks>Read from <c>input_cache_read</c>.</remarks>
    public decimal? CacheRead { get; init; }

    /// <summary>Gets the price of an input token written to the provider's cache for five minutes.</summary>
    /// <value>US dollars per token; <see langword="null"/> when none is listed, or when it is unknown.</value>
    /// <remarks>Read from <c>input_cache_write</c>.</remarks>
    public decimal? CacheWrite { get; init; }

    /// <summary>Gets the price of an input token written to the provider's cache for an hour.</summary>
    /// <value>US dollars per token; <see langword="null"/> when none is listed, or when it is unknown.</value>
    /// <remarks>Read from <c>input_cache_write_1h</c>.</remarks>
    public decimal? CacheWriteOneHour { get; init; }

    /// <summary>Gets the price of an input image.</summary>
    /// <value>US dollars per image; <see langword="null"/> when none is listed, or when it is unknown.</value>
    /// <remarks>Read from <c>image</c>.</remarks>
    public decimal? Image { get; init; }

    /// <summary>Gets the price of a token of an image.</summary>
    /// <value>US dollars per token; <see langword="null"/> when none is listed, or when it is unknown.</value>
    /// <remarks>Read from <c>image_token</c>.</remarks>
    public decimal? ImageToken { get; init; }

    /// <summary>Gets the price of an output image.</summary>
    /// <value>US dollars per image; <see langword="null"/> when none is listed, or when it is unknown.</value>
    /// <remarks>Read from <c>image_output</c>.</remarks>
    public decimal? ImageOutput { get; init; }

    /// <summary>Gets the price of an audio input token.</summary>
    /// <value>US dollars per token; <see langword="null"/> when none is listed, or when it is unknown.</value>
    /// <remarks>Read from <c>audio</c>.</remarks>
    public decimal? Audio { get; init; }

    /// <summary>Gets the price of an audio output token.</summary>
    /// <value>US dollars per token; <see langword="null"/> when none is listed, or when it is unknown.</value>
    /// <remarks>Read from <c>audio_output</c>.</remarks>
    public decimal? AudioOutput { get; init; }

    /// <summary>Gets the price of a cached audio input token.</summary>
    /// <value>US dollars per token; <see langword="null"/> when none is listed, or when it is unknown.</value>
    /// <remarks>Read from <c>input_audio_cache</c>.</remarks>
    public decimal? AudioCacheRead { get; init; }

    /// <summary>Gets the price of a web search by the provider itself.</summary>
    /// <value>US dollars per search; <see langword="null"/> when none is listed, or when it is unknown.</value>
    /// <remarks>Read from <c>web_search</c>.</remarks>
    public decimal? WebSearch { get; init; }

    /// <summary>Gets by how much prices are reduced: they are multiplied by 1 less this.</summary>
    /// <value>A fraction such as 0.1, without unit; negative for a markup; <see langword="null"/> when none is listed.</value>
    /// <remarks>Read from <c>discount</c>. Whether the listed prices contain it already is not documented.</remarks>
    public decimal? Discount { get; init; }

    /// <summary>Gets prices for long prompts and hours of the day.</summary>
    /// <value>In the server's order, in which later ones win; empty when there are none.</value>
    /// <remarks>Read from <c>overrides[]</c>.</remarks>
    public IReadOnlyList<PriceOverride> Overrides { get; init; } = [];

    /// <summary>Gets whether every price that is listed is known, input and output among them.</summary>
    /// <value><see langword="false"/> for routers, whose price depends on the model that they choose.</value>
    public bool AreKnown { get; init; }

    /// <summary>Whether a request without add-ons may cost something; a search is one.</summary>
    internal bool AreAnyAboveZero =>
        Array.Exists([Prompt, Completion, Request, InternalReasoning, CacheRead, CacheWrite, CacheWriteOneHour, Image, ImageToken, ImageOutput, Audio, AudioOutput, AudioCacheRead], price => price > 0)
        || Overrides.Any(entry => Array.Exists([entry.Prompt, entry.Completion, entry.CacheRead, entry.CacheWrite, entry.CacheWriteOneHour, entry.Audio, entry.AudioCacheRead], price => price > 0));

    /// <summary>Works out the prices of one request.</summary>
    /// <param name="promptTokens">The size of the prompt, in tokens.</param>
    /// <param name="instant">When the request is made.</param>
    /// <returns>The same prices with every override that applies worked in, and so without overrides.</returns>
    public ModelPrices At(long promptTokens, DateTimeOffset instant)
    {
        var prices = this;
        foreach (var entry in Overrides)
        {
            if (entry.Applies(promptTokens, instant))
            {
                prices = prices with
                {
                    Prompt = entry.Prompt ?? prices.Prompt,
                    Completion = entry.Completion ?? prices.Completion,
                    CacheRead = entry.CacheRead ?? prices.CacheRead,
                    CacheWrite = entry.CacheWrite ?? prices.CacheWrite,
                    CacheWriteOneHour = entry.CacheWriteOneHour ?? prices.CacheWriteOneHour,
                    Audio = entry.Audio ?? prices.Audio,
                    AudioCacheRead = entry.AudioCacheRead ?? prices.AudioCacheRead,
                };
            }
        }

        return Overrides.Count == 0 ? prices : prices with { Overrides = [] };
    }
}
