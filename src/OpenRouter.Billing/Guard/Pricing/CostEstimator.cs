namespace OpenRouter.Billing.Guard;

/// <summary>Works out what a request may cost: tokens at the dearest price that can apply, fees and add-ons, over every model that may answer.</summary>
internal static class CostEstimator
{
    /// <summary>Beyond this many tokens there is no bound, and the exact number decides nothing.</summary>
    public const long Most = 1_000_000_000;

    private const long UsualOutputTokens = 500;
    private const int MostAnswers = 1_000;

    // Recorded answers read about 5,600 tokens for each search that they made.
    private const long TokensPerSearch = 8_000;

    // A picture has some 1,600 tokens at most providers, more at a few.
    private const long TokensPerImage = 2_000;

    // Read natively, a page of a file is its text and its picture.
    private const long TokensPerPage = 3_000;

    /// <summary>Estimates; null when nothing can be said, because no model's price or the prompt's size is unknown.</summary>
    public static CostEstimate? Estimate(BillableRequest request, PriceList? prices, ITokenCounter counter, TimeSpan longestRun, DateTimeOffset now)
    {
        if (request.Prompt is not { } prompt || prices is null)
        {
            return null;
        }

        var asked = new Asked(request, prompt, prices, counter, longestRun, now)
        {
            ToolCost = ToolModels.CostOf(request, prompt, prices, counter, longestRun, now),
            ToolTokens = ToolModels.TokensOf(request),
        };
        var total = new Total { IsBounded = IsBounded(request) };
        if (request.Model is not null || request.FallbackModels.Count == 0)
        {
            total.Add(EstimateModel(asked, request.Model));
        }

        for (var index = 0; index < request.FallbackModels.Count; index++)
        {
            total.Add(EstimateModel(asked, request.FallbackModels[index]));
        }

        return total.ToEstimate();
    }

    // Whichever endpoint answers, its own prices and bounds apply to the whole answer: so each is worked out for itself.
    private static CostEstimate? EstimateModel(in Asked asked, string? slug)
    {
        if (slug is null)
        {
            return null;
        }

        var model = asked.Prices.Find(slug);
        var promptTokens = Math.Clamp(asked.Counter.CountAtMost(asked.Prompt, slug), 0, Most);
        var listed = EstimateOffer(asked, slug, model, promptTokens);
        if (model is null || asked.Prices.EndpointsOf(model) is not { Count: > 0 } endpoints)
        {
            return listed;
        }

        var total = new Total { IsBounded = true };
        total.Add(listed);
        for (var index = 0; index < endpoints.Count; index++)
        {
            total.Add(EstimateOffer(asked, slug, endpoints[index], promptTokens));
        }

        // The dearest endpoint is the least likely one: OpenRouter prefers the cheaper.
        return total.ToEstimate() is { } dearest && listed is not null ? dearest with { Expected = listed.Expected } : total.ToEstimate();
    }

    private static CostEstimate? EstimateOffer(in Asked asked, string slug, PricedModel? model, long countedTokens)
    {
        var request = asked.Request;
        var searches = AddOnPrices.SearchesOf(request, slug);
        var extraTokens = (searches * TokensPerSearch) + (request.Images * TokensPerImage) + (request.Files == 0 ? 0 : AddOnPrices.PagesOf(request) * TokensPerPage) + asked.ToolTokens;
        var promptTokens = countedTokens + extraTokens;
        if (TokenRates.Of(model, request, ModelSlug.IsFree(slug), promptTokens, asked.Now, asked.LongestRun) is not { } rates)
        {
            return null;
        }

        var context = model?.Context ?? Most;
        var cap = Math.Min(model?.LongestAnswer ?? Most, model is { HonoursCap: false } ? Most : Math.Clamp(request.MaxOutputTokens ?? Most, 0, Most));
        decimal answers = Math.Clamp(request.Answers, 1, MostAnswers);
        if (cap == Most && rates.Output > 0)
        {
            return null;
        }

        promptTokens = Math.Min(promptTokens, context);
        var fees = rates.Request + AddOnPrices.Of(request, slug, model?.Prices.WebSearch) + asked.ToolCost;
        // Prompt and answer share the context, so the dearest mix is either the whole prompt or the longest answer.
        var upper = Math.Max(
            CostOf(promptTokens, Math.Min(cap, context - promptTokens)),
            CostOf(Math.Min(promptTokens, context - cap), cap));
        var expected = fees
            + (Math.Min(promptTokens, SafeTokenCounter.CountUsual(asked.Prompt) + extraTokens) * rates.UsualInput)
            + (answers * Math.Min(cap, UsualOutputTokens) * rates.UsualOutput);
        return new CostEstimate
        {
            UpperBound = upper,
            Expected = Math.Min(expected, upper),
            IsBounded = searches == 0 && !ModelSlug.MayTakeDearerTier(slug) && model is not { GivesMedia: true },
            PromptTokens = promptTokens,
            OutputTokens = cap,
            CostWithoutOutput = fees + (promptTokens * rates.Input),
            CostPerOutputToken = answers * rates.Output,
        };

        decimal CostOf(long input, long output) => fees + (input * rates.Input) + (answers * output * rates.Output);
    }

    private static bool IsBounded(BillableRequest request)
    {
        for (var index = 0; index < request.AddOns.Count; index++)
        {
            if (!AddOnPrices.IsFree(request.AddOns[index]))
            {
                return false;
            }
        }

        return request.Images + request.Recordings + request.Files == 0
            && !(request.HasPaidAddOns && request.AddOns.Count == 0)
            && request.ServiceTier is null or "auto" or "default" or "standard" or "flex";
    }

    private readonly record struct Asked(BillableRequest Request, PromptSize Prompt, PriceList Prices, ITokenCounter Counter, TimeSpan LongestRun, DateTimeOffset Now)
    {
        /// <summary>Gets what the models of server tools cost, in US dollars.</summary>
        public decimal ToolCost { get; init; }

        /// <summary>Gets how many tokens of their answers come into the prompt.</summary>
        public long ToolTokens { get; init; }
    }

    /// <summary>The dearest of the models that may answer, number by number.</summary>
    private struct Total
    {
        private CostEstimate? _dearest;
        private bool _hasUnknown;

        public bool IsBounded { get; init; }

        public void Add(CostEstimate? estimate)
        {
            if (estimate is null)
            {
                _hasUnknown = true;
                return;
            }

            _dearest = _dearest is not { } other ? estimate : new CostEstimate
            {
                UpperBound = Math.Max(other.UpperBound, estimate.UpperBound),
                Expected = Math.Max(other.Expected, estimate.Expected),
                IsBounded = other.IsBounded && estimate.IsBounded,
                PromptTokens = Math.Max(other.PromptTokens, estimate.PromptTokens),
                OutputTokens = Math.Max(other.OutputTokens, estimate.OutputTokens),
                CostWithoutOutput = Math.Max(other.CostWithoutOutput, estimate.CostWithoutOutput),
                CostPerOutputToken = Math.Max(other.CostPerOutputToken, estimate.CostPerOutputToken),
            };
        }

        public readonly CostEstimate? ToEstimate() => _dearest is not { } estimate ? null
            : estimate.IsBounded && (!IsBounded || _hasUnknown) ? estimate with { IsBounded = false }
            : estimate;
    }
}
