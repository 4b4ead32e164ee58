namespace OpenRouter.Billing.Guard;

/// <summary>What a request may cost, by the listed prices of the models that may answer it.</summary>
/// <remarks>
/// Prices are those of each model's top provider, or with <see cref="PricingMode.DearestEndpoint"/> those of its dearest
/// one. A request that must not cost more says so with <c>provider.max_price</c>.
/// </remarks>
public sealed record CostEstimate
{
    /// <summary>Gets the most that the request costs by list price, over all models that may answer it.</summary>
    /// <value>US dollars.</value>
    public required decimal UpperBound { get; init; }

    /// <summary>Gets what the request probably costs: its prompt at four bytes a token, and an answer of 500 tokens.</summary>
    /// <value>US dollars; at most <see cref="UpperBound"/>.</value>
    public required decimal Expected { get; init; }

    /// <summary>Gets whether <see cref="UpperBound"/> holds by all that the request says.</summary>
    /// <value>
    /// <see langword="false"/> when a model's price is unknown, or the request has files, images, searches, other add-ons or
    /// a dearer service tier, whose cost is only estimated.
    /// </value>
    public required bool IsBounded { get; init; }

    /// <summary>Gets how many tokens the prompt was taken for.</summary>
    /// <value>Tokens, at most.</value>
    public required long PromptTokens { get; init; }

    /// <summary>Gets how long each answer may be: the request's own cap, or the most that the model can give.</summary>
    /// <value>Tokens, at most.</value>
    public required long OutputTokens { get; init; }

    /// <summary>Gets what is charged however short the answer is.</summary>
    /// <value>US dollars.</value>
    public required decimal CostWithoutOutput { get; init; }

    /// <summary>Gets the price of one token of each answer.</summary>
    /// <value>US dollars per token, for all answers of the request together.</value>
    public required decimal CostPerOutputToken { get; init; }

    /// <summary>Works out the largest output cap that an amount pays for.</summary>
    /// <param name="money">US dollars.</param>
    /// <returns>Tokens, 0 when not even the prompt is paid; <see langword="null"/> when that cannot be said.</returns>
    public long? AffordableOutputTokens(decimal money) =>
        !IsBounded ? null
        : money < CostWithoutOutput ? 0
        : CostPerOutputToken == 0 ? null
        : (long)Math.Min(OutputTokens, decimal.Floor((money - CostWithoutOutput) / CostPerOutputToken));

    // An estimate without a bound may be far too low: it never claims less than a request whose price is unknown.
    internal decimal ClaimOver(decimal claimOfUnknownPrice) => IsBounded ? UpperBound : Math.Max(UpperBound, claimOfUnknownPrice);
}
