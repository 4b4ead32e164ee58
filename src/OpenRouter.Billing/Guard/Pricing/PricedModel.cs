namespace OpenRouter.Billing.Guard;

/// <summary>A listed model with what every estimate asks about it, found out once per reading of the list.</summary>
internal sealed class PricedModel
{
    private const long NoBound = CostEstimator.Most;

    public PricedModel(ModelListing listing)
    {
        Prices = listing.Prices;
        AliasTarget = listing.AliasTarget;
        // For models of other kinds the same members hold prices of pictures, seconds or characters.
        IsPricedByText = listing.OutputModalities.Count == 0 || listing.OutputModalities.Contains("text") || listing.OutputModalities.Contains("embeddings");
        GivesMedia = listing.OutputModalities.Contains("image") || listing.OutputModalities.Contains("audio");
        HonoursCap = listing.SupportedParameters.Count == 0 || listing.SupportedParameters.Contains("max_tokens") || listing.SupportedParameters.Contains("max_completion_tokens");
        Context = Math.Max(listing.ContextLength ?? 0, listing.TopProviderContextLength ?? 0) is > 0 and var length ? Math.Min(length, NoBound) : NoBound;
        LongestAnswer = Math.Max(0, Math.Min(Context, Math.Min(listing.MaxOutputTokens ?? NoBound, listing.OutputTokensPerRequest ?? NoBound)));
    }

    public ModelPrices Prices { get; }

    public string? AliasTarget { get; }

    public bool IsPricedByText { get; }

    /// <summary>Gets whether answers may hold pictures or sound, whose prices are not listed per token.</summary>
    public bool GivesMedia { get; }

    /// <summary>Gets whether the model stops at a request's output cap.</summary>
    public bool HonoursCap { get; }

    /// <summary>Gets how many tokens prompt and answer have at most, together.</summary>
    public long Context { get; }

    /// <summary>Gets how many tokens an answer has at most.</summary>
    public long LongestAnswer { get; }
}
