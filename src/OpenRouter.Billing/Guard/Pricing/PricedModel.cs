namespace OpenRouter.Billing.Guard;

/// <summary>A model, as listed or at one endpoint, with what every estimate asks about it, found out once per reading.</summary>
internal sealed class PricedModel
{
    private const long NoBound = CostEstimator.Most;

    public PricedModel(ModelListing listing)
    {
        Id = listing.Id;
        Prices = listing.Prices;
        AliasTarget = listing.AliasTarget;
        // For models of other kinds the same members hold prices of pictures, seconds or characters.
        IsPricedByText = listing.OutputModalities.Count == 0 || listing.OutputModalities.Contains("text") || listing.OutputModalities.Contains("embeddings");
        GivesMedia = listing.OutputModalities.Contains("image") || listing.OutputModalities.Contains("audio");
        HonoursCap = listing.SupportedParameters.Count == 0 || Caps(listing.SupportedParameters);
        Context = Math.Max(listing.ContextLength ?? 0, listing.TopProviderContextLength ?? 0) is > 0 and var length ? Math.Min(length, NoBound) : NoBound;
        LongestAnswer = Math.Max(0, Math.Min(Context, Math.Min(listing.MaxOutputTokens ?? NoBound, listing.OutputTokensPerRequest ?? NoBound)));
    }

    private PricedModel(PricedModel listed, ModelEndpoint endpoint)
    {
        Id = listed.Id;
        Prices = endpoint.Prices;
        IsPricedByText = listed.IsPricedByText;
        GivesMedia = listed.GivesMedia;
        HonoursCap = endpoint.SupportedParameters.Count == 0 ? listed.HonoursCap : Caps(endpoint.SupportedParameters);
        Context = endpoint.ContextLength is > 0 and { } length ? Math.Min(length, NoBound) : listed.Context;
        LongestAnswer = Math.Max(0, Math.Min(Context, endpoint.MaxOutputTokens ?? NoBound));
    }

    /// <summary>Gets the slug under which the model is listed.</summary>
    public string Id { get; }

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

    /// <summary>Gets all in which two endpoints of one model can differ.</summary>
    public (ModelPrices Prices, long Context, long LongestAnswer, bool HonoursCap) Terms => (Prices, Context, LongestAnswer, HonoursCap);

    /// <summary>The same model as one of its endpoints offers it.</summary>
    public PricedModel At(ModelEndpoint endpoint) => new(this, endpoint);

    private static bool Caps(IReadOnlyList<string> parameters) => parameters.Contains("max_tokens") || parameters.Contains("max_completion_tokens");
}
