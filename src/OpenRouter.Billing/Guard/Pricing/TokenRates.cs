namespace OpenRouter.Billing.Guard;

/// <summary>What a model's tokens cost in one request, discount and price cap worked in.</summary>
/// <param name="Input">The dearest that an input token can be, in US dollars.</param>
/// <param name="Output">The dearest that an output token can be, in US dollars.</param>
/// <param name="Request">What the request costs besides its tokens, in US dollars.</param>
/// <param name="UsualInput">What an input token usually costs, in US dollars.</param>
/// <param name="UsualOutput">What an output token usually costs, in US dollars.</param>
internal readonly record struct TokenRates(decimal Input, decimal Output, decimal Request, decimal UsualInput, decimal UsualOutput)
{
    /// <summary>Finds the rates; null when the price is unknown.</summary>
    public static TokenRates? Of(PricedModel? model, BillableRequest request, bool isFree, long promptTokens, DateTimeOffset now, TimeSpan longestRun)
    {
        if (isFree)
        {
            return default(TokenRates);
        }

        if (model is { Prices.AreKnown: true, IsPricedByText: true })
        {
            return Listed(model.Prices, request, promptTokens, now, longestRun);
        }

        // Whatever a router chooses, it chooses below the request's own price cap.
        return request.PriceCap is { Prompt: { } prompt, Completion: { } completion } cap && model is not { IsPricedByText: false }
            ? new TokenRates(prompt, completion, cap.Request ?? 0, prompt, completion)
            : null;
    }

    private static TokenRates Listed(ModelPrices prices, BillableRequest request, long promptTokens, DateTimeOffset now, TimeSpan longestRun)
    {
        if (prices.Overrides.Count == 0)
        {
            return Of(prices, request);
        }

        // The prompt is counted too high and the answer comes later: any price on the way there may be the one.
        var usual = Of(prices.At(promptTokens, now), request);
        var rates = usual.OrDearer(prices, 0, request, now, longestRun).OrDearer(prices, promptTokens, request, now, longestRun);
        for (var index = 0; index < prices.Overrides.Count; index++)
        {
            if (prices.Overrides[index].MinPromptTokens is { } size && size < promptTokens)
            {
                rates = rates.OrDearer(prices, size + 1, request, now, longestRun);
            }
        }

        return rates;
    }

    private static TokenRates Of(ModelPrices prices, BillableRequest request)
    {
        // Whether listed prices contain the discount is not documented, so it only ever makes them dearer.
        var markup = Math.Max(1, 1 - (prices.Discount ?? 0));
        var prompt = prices.Prompt!.Value * markup;
        var completion = prices.Completion!.Value * markup;
        var input = Math.Max(prompt, Math.Max(prices.CacheWrite ?? 0, request.CachesForAnHour ? prices.CacheWriteOneHour ?? 0 : 0) * markup);
        var output = Math.Max(completion, (prices.InternalReasoning ?? 0) * markup);
        var fee = (prices.Request ?? 0) * markup;
        if (request.PriceCap is { } cap)
        {
            // An endpoint above the cap is not chosen; a cheaper one writes its cache cheaper in proportion.
            input = cap.Prompt < prompt ? input * (cap.Prompt.Value / prompt) : input;
            output = cap.Completion < completion ? output * (cap.Completion.Value / completion) : output;
            fee = cap.Request < fee ? cap.Request.Value : fee;
        }

        return new TokenRates(input, output, fee, Math.Min(prompt, input), Math.Min(completion, output));
    }

    private TokenRates OrDearer(ModelPrices prices, long promptTokens, BillableRequest request, DateTimeOffset now, TimeSpan longestRun) =>
        OrDearer(Of(prices.At(promptTokens, now), request)).OrDearer(Of(prices.At(promptTokens, now + longestRun), request));

    // What the request itself costs depends on neither size nor hour.
    private TokenRates OrDearer(TokenRates other) => this with { Input = Math.Max(Input, other.Input), Output = Math.Max(Output, other.Output) };
}
