namespace OpenRouter.Billing.Sandbox;

/// <summary>Everything that a model answers: checked, priced and billed alike, spelled differently.</summary>
internal sealed class InferenceEndpoint(OpenRouterSandboxOptions options, ModelCatalog catalog)
{
    private readonly ResponseCache _cache = new();

    public async Task HandleAsync(Exchange exchange, SandboxKey caller, AnswerFormat format)
    {
        if (caller.IsManagementKey)
        {
            await RefuseAsync(exchange, format, Refused.NoInferenceWithManagementKey).ConfigureAwait(false);
            return;
        }

        (SandboxQuote? quote, Refusal? refusal) = Price(exchange.Request.Body);
        ResponseCache? cache = exchange.HeaderValue("X-OpenRouter-Cache") == "true" ? _cache : null;
        string? source = cache?.Find(exchange, caller);
        quote = source is null ? quote : quote?.FromCache(source);
        if (refusal is not null)
        {
            await RefuseAsync(exchange, format, refusal with { UserId = caller.Account.UserId }).ConfigureAwait(false);
        }
        else if (caller.Account.Admit(caller, quote!) is { } refused)
        {
            exchange.SetHeader("X-Generation-Id", GenerationId.New(exchange.Now));
            await RefuseAsync(exchange, format, refused).ConfigureAwait(false);
        }
        else
        {
            if (cache is not null)
            {
                exchange.SetHeader("X-OpenRouter-Cache-Status", source is null ? "MISS" : "HIT");
            }

            await new Completion(exchange, options, source is null ? cache : null, caller, quote!).RunAsync(format).ConfigureAwait(false);
        }
    }

    /// <returns>A quote, or the refusal of a body that cannot be priced.</returns>
    public (SandboxQuote? Quote, Refusal? Refusal) Price(string body)
    {
        if (InferenceRequest.Read(body) is not { } request)
        {
            return (null, Refused.NoInput);
        }

        if (request.Model is not { } id)
        {
            return (null, Refused.NoModel);
        }

        if (!catalog.TryFind(id, out SandboxModel? asked, out bool searchesWeb))
        {
            return (null, Refused.UnknownModel(id));
        }

        SandboxQuote quote = RouteOf(request, asked, searchesWeb ? request.Search ?? WebSearch.Default : request.Search);
        return quote.PromptTokens >= quote.Model.ContextLength ? (null, Refused.ContextTooLong(quote)) : (quote, null);
    }

    private SandboxQuote RouteOf(InferenceRequest request, SandboxModel asked, WebSearch? search)
    {
        SandboxModel model = catalog.Resolve(asked);
        SandboxQuote listed = QuoteOf(request, asked, model, search);
        return options.ServeByDearestProvider && !asked.IsFree
            ? model.OtherProviders.Select(provider => QuoteOf(request, asked, model.At(provider), search)).Append(listed).MaxBy(quote => quote.MaximumCost)!
            : listed;
    }

    private SandboxQuote QuoteOf(InferenceRequest request, SandboxModel asked, SandboxModel model, WebSearch? search)
    {
        int most = Math.Min(model.MaxCompletionTokens ?? int.MaxValue, model.ContextLength - request.PromptTokens);
        int maximum = Math.Min(request.OutputCap ?? int.MaxValue, most);
        return new SandboxQuote
        {
            Model = model,
            PromptTokens = request.PromptTokens,
            MaximumOutputTokens = maximum,
            OutputTokens = Math.Min(options.OutputTokens, maximum),
            TextTokens = Math.Min(options.OutputTokens, maximum),
            Fees = model.RequestPrice + (search?.Price(model) ?? 0),
            Search = search,
            RequestedModel = asked.Id,
            Stream = request.Stream,
            IsFree = asked.IsFree,
        };
    }

    private static Task RefuseAsync(Exchange exchange, AnswerFormat format, Refusal refusal) =>
        exchange.RefuseAsync(refusal, format.Refusal(refusal));
}
