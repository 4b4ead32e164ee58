namespace OpenRouter.Billing.Guard;

/// <summary>What server tools cost that ask another model: an advisor, a subagent. How often the model calls them, and with what, nobody knows.</summary>
internal static class ToolModels
{
    // What the documentation's own examples allow where a request allows no less.
    private const long UsualAnswer = 2_048;

    /// <summary>Gets the model that a tool asks; null for other tools, and when the request leaves the choice to its own model.</summary>
    public static string? Of(RequestAddOn addOn) => addOn.Name is "openrouter:advisor" or "openrouter:subagent" ? addOn.Model : null;

    /// <summary>What the other models cost: each is taken to read the whole prompt and to answer as long as it may. One of unknown price adds nothing.</summary>
    public static decimal CostOf(BillableRequest request, PromptSize prompt, PriceList prices, ITokenCounter counter, TimeSpan longestRun, DateTimeOffset now)
    {
        var cost = 0m;
        for (var index = 0; index < request.AddOns.Count; index++)
        {
            var addOn = request.AddOns[index];
            if (Of(addOn) is not { } slug || ModelSlug.IsFree(slug) || prices.Find(slug) is not { } model)
            {
                continue;
            }

            // Whether the request's own price cap holds for them is not documented.
            var asked = request with { PriceCap = null };
            var promptTokens = Math.Clamp(counter.CountAtMost(prompt, slug), 0, CostEstimator.Most);
            var dearest = CostAt(model);
            var endpoints = prices.EndpointsOf(model);
            for (var other = 0; other < endpoints.Count; other++)
            {
                dearest = Math.Max(dearest, CostAt(endpoints[other]));
            }

            cost += dearest * AddOnPrices.UsesOf(addOn, request);

            decimal CostAt(PricedModel offer) => TokenRates.Of(offer, asked, isFree: false, promptTokens, now, longestRun) is { } rates
                ? rates.Request + (Math.Min(promptTokens, offer.Context) * rates.Input) + (Math.Min(AnswerOf(addOn), offer.LongestAnswer) * rates.Output)
                : 0;
        }

        return cost;
    }

    /// <summary>How many tokens of their answers the request's own model reads.</summary>
    public static long TokensOf(BillableRequest request)
    {
        var tokens = 0L;
        for (var index = 0; index < request.AddOns.Count; index++)
        {
            var addOn = request.AddOns[index];
            tokens += Of(addOn) is null ? 0 : Math.Min(AnswerOf(addOn) * AddOnPrices.UsesOf(addOn, request), CostEstimator.Most);
        }

        return tokens;
    }

    private static long AnswerOf(RequestAddOn addOn) => Math.Max(0, addOn.MaxOutputTokens ?? UsualAnswer);
}
