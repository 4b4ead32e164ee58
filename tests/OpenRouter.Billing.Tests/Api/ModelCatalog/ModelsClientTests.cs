using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Api.ModelCatalog;

/// <summary>What becomes of <c>GET /models</c>: the real list without loss, and every oddity that it may have.</summary>
public sealed class ModelsClientTests
{
    private static readonly Dictionary<string, Func<ModelPrices, decimal?>> PriceKeys = new()
    {
        ["prompt"] = prices => prices.Prompt,
        ["completion"] = prices => prices.Completion,
        ["request"] = prices => prices.Request,
        ["internal_reasoning"] = prices => prices.InternalReasoning,
        ["input_cache_read"] = prices => prices.CacheRead,
        ["input_cache_write"] = prices => prices.CacheWrite,
        ["input_cache_write_1h"] = prices => prices.CacheWriteOneHour,
        ["image"] = prices => prices.Image,
        ["image_token"] = prices => prices.ImageToken,
        ["image_output"] = prices => prices.ImageOutput,
        ["audio"] = prices => prices.Audio,
        ["audio_output"] = prices => prices.AudioOutput,
        ["input_audio_cache"] = prices => prices.AudioCacheRead,
        ["web_search"] = prices => prices.WebSearch,
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ListAsync_RealList_LosesNothingThatCosts()
    {
        var sent = Reference.Json("openrouter-models.json")["data"]!.AsArray();

        var models = await ListAsync(Reference.Json("openrouter-models.json").ToJsonString());

        Assert.Equal(340, models.Count);
        var prices = 0;
        foreach (var (entry, model) in sent.Zip(models))
        {
            Assert.Equal((string?)entry!["id"], model.Id);
            Assert.Equal((string?)entry["canonical_slug"], model.CanonicalSlug);
            Assert.Equal((long?)entry["context_length"], model.ContextLength);
            Assert.Equal((long?)entry["top_provider"]!["context_length"], model.TopProviderContextLength);
            Assert.Equal((long?)entry["top_provider"]!["max_completion_tokens"], model.MaxOutputTokens);
            Assert.Equal((string?)entry["expiration_date"], model.ExpiresOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            Assert.Equal(entry["architecture"]!["output_modalities"]!.AsArray().Select(word => (string?)word), model.OutputModalities);
            Assert.Equal((long?)entry["created"], model.CreatedAt?.ToUnixTimeSeconds());
            prices += CheckPrices(entry["pricing"]!.AsObject(), model);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{models.Count} models, {prices} prices, {models.Count(model => !model.Prices.AreKnown)} routers of unknown price.");
        Assert.Equal(["openrouter/auto", "openrouter/bodybuilder", "openrouter/fusion", "openrouter/pareto-code"], models.Where(model => !model.Prices.AreKnown).Select(model => model.Id).Order());
    }

    [Theory]
    [InlineData("\"-1\"", null)]
    [InlineData("\"\"", null)]
    [InlineData("\"soon\"", null)]
    [InlineData("true", null)]
    [InlineData("{\"usd\":1}", null)]
    [InlineData("[1]", null)]
    [InlineData("null", null)]
    [InlineData("\"0\"", "0")]
    [InlineData("0.00003", "0.00003")]
    [InlineData("\"3e-5\"", "0.00003")]
    [InlineData("\"0.00000008333333333333334\"", "0.00000008333333333333334")]
    public async Task ListAsync_Price_IsExactOrUnknown(string sent, string? expected)
    {
        var model = Assert.Single(await ListAsync($$$"""{"data":[{"id":"a/b","pricing":{"prompt":{{{sent}}},"completion":"0.1"},"context_length":7}]}"""));

        Assert.Equal(expected is null ? null : decimal.Parse(expected, NumberStyles.Float, CultureInfo.InvariantCulture), model.Prices.Prompt);
        Assert.Equal(expected is not null, model.Prices.AreKnown);
        Assert.Equal(0.1m, model.Prices.Completion);
        Assert.Equal(7, model.ContextLength);
    }

    [Fact]
    public async Task ListAsync_OptionalPriceThatIsUnreadable_MakesThePriceUnknownNotFree()
    {
        var model = Assert.Single(await ListAsync("""{"data":[{"id":"a/b","pricing":{"prompt":"0.1","completion":"0.1","request":"-1"}}]}"""));

        Assert.Null(model.Prices.Request);
        Assert.False(model.Prices.AreKnown);
    }

    [Fact]
    public async Task ListAsync_SparseEntries_AreReadAsFarAsTheyGo()
    {
        var models = await ListAsync("""
            {"data":[null,{"name":"without id"},{"id":"a/bare"},
             {"id":"~a/b-latest","alias_target":{"slug":"a/b-2","name":"B"},"top_provider":{"max_completion_tokens":"4096"},"created":9e99,"expiration_date":"someday","surprise":{"deep":[1]},
              "per_request_limits":{"prompt_tokens":10.0,"completion_tokens":20},"reasoning":{"mandatory":true,"effort":"x"},"supported_parameters":["max_tokens",null]}],
             "total_count":"4"}
            """.Replace("9e99", "99999999999999", StringComparison.Ordinal));

        Assert.Equal(["a/bare", "~a/b-latest"], models.Select(model => model.Id));
        Assert.False(models[0].Prices.AreKnown);
        Assert.Empty(models[0].OutputModalities);
        Assert.Equal(("a/b-2", 4096L, 10L, 20L), (models[1].AliasTarget, models[1].MaxOutputTokens, models[1].PromptTokensPerRequest, models[1].OutputTokensPerRequest));
        Assert.Equal((true, null, null), (models[1].AlwaysReasons, models[1].CreatedAt, models[1].ExpiresOn));
        Assert.Equal(["max_tokens"], models[1].SupportedParameters);
    }

    [Fact]
    public async Task ListAsync_ServerThatPages_IsFollowedOnItsOwnPathOnly()
    {
        using var stub = new StubHandler().On("GET models", (request, _) => Task.FromResult(StubHandler.Json(
            request.RequestUri!.Query.Contains("offset=1", StringComparison.Ordinal)
                ? """{"data":[{"id":"a/2"}],"links":{"next":null}}"""
                : """{"data":[{"id":"a/1"}],"links":{"next":"https://elsewhere.example/api/v1/models?offset=1&limit=1"}}""")));

        var models = await BillingClientKit.Over(stub).Models.ListAsync(new ModelQuery { OutputModalities = ["text", "embeddings"] }, Cancellation);

        Assert.Equal(["a/1", "a/2"], models.Select(model => model.Id));
        Assert.Equal(["GET models?output_modalities=text,embeddings", "GET models?offset=1&limit=1"], stub.Requests.Select(request => request.Call));
    }

    [Fact]
    public async Task ListAsync_PagesWithoutEnd_EndsAllTheSame()
    {
        using var stub = new StubHandler().On("GET models", """{"data":[{"id":"a/1"}],"links":{"next":"/api/v1/models?offset=0"}}""");

        var models = await BillingClientKit.Over(stub).Models.ListAsync(cancellationToken: Cancellation);

        Assert.Equal(["a/1"], models.Select(model => model.Id));
        Assert.Equal(2, stub.Requests.Count);
    }

    [Fact]
    public async Task ListAsync_PagesThatAlwaysBringNewModels_EndsTyped()
    {
        var page = 0;
        using var stub = new StubHandler().On("GET models", () => StubHandler.Json($$$"""{"data":[{"id":"a/{{{++page}}}"}],"links":{"next":"/api/v1/models?offset={{{page}}}"}}"""));

        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Over(stub).Models.ListAsync(cancellationToken: Cancellation));

        Assert.Contains("100 pages", exception.Message, StringComparison.Ordinal);
        Assert.Equal(100, stub.Requests.Count);
    }

    [Fact]
    public async Task ListForKeyAsync_ServerThatPages_GivesEachModelOnceWithTheInferenceKey()
    {
        using var stub = new StubHandler().On("GET models/user", (request, _) => Task.FromResult(StubHandler.Json(
            request.RequestUri!.Query.Contains("offset=2", StringComparison.Ordinal)
                ? """{"data":[{"id":"a/2"},{"id":"a/3"}]}"""
                : """{"data":[{"id":"a/1"},{"id":"a/2"}],"links":{"next":"/api/v1/models/user?offset=2"}}""")));

        var models = await BillingClientKit.Over(stub).Models.ListForKeyAsync(cancellationToken: Cancellation);

        Assert.Equal(["a/1", "a/2", "a/3"], models.Select(model => model.Id));
        Assert.All(stub.Requests, request => Assert.Equal(TestData.ApiKey, request.Key));
    }

    [Fact]
    public async Task ListForKeyAsync_ManagementKeyOnly_FailsBeforeSending()
    {
        using var stub = new StubHandler();

        var exception = await Assert.ThrowsAsync<CredentialMissingException>(() => BillingClientKit.Over(stub, options => options.ApiKey = null).Models.ListForKeyAsync(cancellationToken: Cancellation));

        Assert.Equal(nameof(OpenRouterBillingOptions.ApiKey), exception.OptionName);
    }

    [Fact]
    public async Task Models_OfTheSandbox_AreListedCountedAndFoundByIdAndVariant()
    {
        await using var sandbox = await OpenRouter.Billing.Sandbox.OpenRouterSandbox.StartAsync(cancellationToken: Cancellation);
        var models = new OpenRouterBillingClient(new HttpClient(new SocketsHttpHandler()), TestData.Options(options => (options.BaseAddress, options.ApiKey) = (sandbox.BaseAddress, sandbox.ApiKey))).Models;

        var all = await models.ListAsync(cancellationToken: Cancellation);
        Assert.Equal(all.Select(model => model.Id), (await models.ListForKeyAsync(cancellationToken: Cancellation)).Select(model => model.Id));
        Assert.Equal(all.Count, await models.CountAsync(cancellationToken: Cancellation));
        Assert.Equal(0, await models.CountAsync(new ModelQuery { OutputModalities = ["image"] }, Cancellation));
        Assert.Equal(all.Count, await models.CountAsync(new ModelQuery { OutputModalities = ["image", "all"] }, Cancellation));
        Assert.Equal("openai/gpt-4o-mini", (await models.GetAsync("openai/gpt-4o-mini:nitro", Cancellation)).Id);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await Assert.ThrowsAsync<OpenRouterApiException>(() => models.GetAsync("no/such", Cancellation))).StatusCode);
    }

    [Theory]
    [InlineData("a/b:free", "\"0\"", "", true)]
    [InlineData("a/b:free:nitro", "\"0\"", "", true)]
    [InlineData("openrouter/free", "\"0\"", "", true)]
    [InlineData("a/b:free:online", "\"0\"", "", false)]
    [InlineData("a/b", "\"0\"", "", false)]
    [InlineData("a/b-free", "\"0\"", "", false)]
    [InlineData("a/b:freemium", "\"0\"", "", false)]
    [InlineData("a/b:free", "\"0.000001\"", "", false)]
    [InlineData("a/b:free", "\"0\"", ",\"request\":\"0.01\"", false)]
    [InlineData("a/b:free", "\"0\"", ",\"image_output\":\"0.01\"", false)]
    [InlineData("a/b:free", "\"0\"", ",\"web_search\":\"0.01\"", true)]
    [InlineData("a/b:free", "\"0\"", ",\"overrides\":[{\"prompt\":\"0.000001\"}]", false)]
    public async Task IsFree_SlugAndPrices_NeedsASegmentAndNoPriceAboveZero(string id, string prompt, string more, bool isFree)
    {
        using var stub = new StubHandler().On("GET models", $$$"""{"data":[{"id":"{{{id}}}","pricing":{"prompt":{{{prompt}}},"completion":"0"{{{more}}}}}]}""");

        Assert.Equal(isFree, (await BillingClientKit.Over(stub).Models.ListAsync(cancellationToken: Cancellation))[0].IsFree);
    }

    [Fact]
    public async Task IsFree_OfTheWholeList_IsNoMatterOfZeroPrices()
    {
        var file = Reference.Path("openrouter-models.json");
        using var stub = new StubHandler().On("GET models", await File.ReadAllTextAsync(file, Cancellation));

        var models = await BillingClientKit.Over(stub).Models.ListAsync(cancellationToken: Cancellation);

        Assert.Equal(models.Where(model => model.Id.EndsWith(":free", StringComparison.Ordinal) || model.Id == "openrouter/free").Select(model => model.Id), models.Where(model => model.IsFree).Select(model => model.Id));
        Assert.True(models.Count(model => model.Prices is { Prompt: 0, Completion: 0 }) > models.Count(model => model.IsFree));
    }

    [Fact]
    public async Task ListAsync_ManagementKeyOnly_IsSentWithIt()
    {
        using var stub = new StubHandler().On("GET models", """{"data":[]}""");

        var models = await BillingClientKit.Over(stub, options => options.ApiKey = null).Models.ListAsync(cancellationToken: Cancellation);

        Assert.Empty(models);
        Assert.Equal(TestData.ManagementKey, Assert.Single(stub.Requests).Key);
    }

    [Theory]
    [InlineData("""{"error":{"code":500,"message":"Internal Server Error"}}""", HttpStatusCode.InternalServerError)]
    [InlineData("""{"error":{"code":403,"message":"no"}}""", HttpStatusCode.OK)]
    [InlineData("""{"total_count":3}""", HttpStatusCode.OK)]
    [InlineData("<rss></rss>", HttpStatusCode.OK)]
    public async Task ListAsync_NoList_ThrowsOurException(string body, HttpStatusCode status)
    {
        using var stub = new StubHandler().On("GET models", () => StubHandler.Json(body, status));

        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Over(stub).Models.ListAsync(cancellationToken: Cancellation));

        Assert.Equal(status, exception.StatusCode);
    }

    [Fact]
    public async Task ListEndpointsAsync_SchemasExample_ReadsEveryMemberOfOurs()
    {
        using var stub = new StubHandler().On("GET models/openai/gpt-4/endpoints", """
            {"data":{"id":"openai/gpt-4","name":"GPT-4","created":1692901234,"description":"A model.","architecture":{"modality":"text->text"},"endpoints":[
             {"name":"OpenAI: GPT-4","model_id":"openai/gpt-4","model_name":"GPT-4","context_length":8192,
              "pricing":{"prompt":"0.00003","completion":"0.00006","request":"0","image":"0","overrides":[{"min_prompt_tokens":4000,"prompt":"0.00004"}]},
              "provider_name":"OpenAI","tag":"openai/priority","quantization":"fp16","max_completion_tokens":4096,"max_prompt_tokens":8000,
              "supported_parameters":["temperature","max_tokens"],"status":-2,"uptime_last_30m":99.5,"latency_last_30m":{"p50":0.25},"supports_implicit_caching":true},
             null,
             {"name":"bare"}]}}
            """);

        var endpoints = await BillingClientKit.Over(stub).Models.ListEndpointsAsync("openai/gpt-4", Cancellation);

        Assert.Equal(2, endpoints.Count);
        var (first, bare) = (endpoints[0], endpoints[1]);
        Assert.Equal(("OpenAI", "openai/priority", "fp16", -2), (first.ProviderName, first.Tag, first.Quantization, first.Status));
        Assert.Equal((8192L, 4096L, 8000L), (first.ContextLength, first.MaxOutputTokens, first.MaxPromptTokens));
        Assert.Equal((0.00003m, 0.00006m, 0m, true), (first.Prices.Prompt, first.Prices.Completion, first.Prices.Request, first.Prices.AreKnown));
        Assert.Equal(0.00004m, Assert.Single(first.Prices.Overrides).Prompt);
        Assert.Equal(["temperature", "max_tokens"], first.SupportedParameters);
        Assert.Equal((null, null, null, null, null, null), (bare.ProviderName, bare.Tag, bare.Status, bare.ContextLength, bare.MaxOutputTokens, bare.Quantization));
        Assert.False(bare.Prices.AreKnown);
    }

    [Theory]
    [InlineData("openai/gpt-4o:thinking", "GET models/openai/gpt-4o%3Athinking/endpoints")]
    [InlineData("~openai/gpt-latest", "GET models/~openai/gpt-latest/endpoints")]
    [InlineData("a b/c?d=e#f", "GET models/a%20b/c%3Fd%3De%23f/endpoints")]
    [InlineData("a\\b/..%2f..", "GET models/a%5Cb/..%252f../endpoints")]
    [InlineData(".../....", "GET models/.../..../endpoints")]
    public async Task ListEndpointsAsync_StrangeSlug_StaysOnItsPath(string model, string call)
    {
        string? sent = null;
        using var http = new HttpClient(new CatchingHandler(request => sent = $"{request.Method} {request.RequestUri!.AbsoluteUri.Replace("https://openrouter.ai/api/v1/", string.Empty, StringComparison.Ordinal)}"));
        var client = new OpenRouterBillingClient(http, TestData.Options(options => options.MaxRetries = 0));

        Assert.Empty(await client.Models.ListEndpointsAsync(model, Cancellation));

        Assert.Equal(call, sent);
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpt-4")]
    [InlineData("/gpt-4")]
    [InlineData("openai/")]
    [InlineData("openai/gpt-4/endpoints")]
    [InlineData("../key")]
    [InlineData("openai/..")]
    [InlineData("./gpt-4")]
    [InlineData("@preset/cheap")]
    [InlineData("openai/gpt-4@preset/cheap")]
    public async Task ListEndpointsAsync_NoModel_SendsNothing(string model)
    {
        using var stub = new StubHandler();

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => BillingClientKit.Over(stub).Models.ListEndpointsAsync(model, Cancellation));

        Assert.Contains("author and slug", exception.Message, StringComparison.Ordinal);
        Assert.Empty(stub.Requests);
    }

    [Theory]
    [InlineData("""{"error":{"code":404,"message":"Resource not found"}}""", HttpStatusCode.NotFound)]
    [InlineData("""{"data":[]}""", HttpStatusCode.OK)]
    [InlineData("""{"data":{"endpoints":null}}""", HttpStatusCode.OK)]
    [InlineData("""{"data":{}}""", HttpStatusCode.OK)]
    [InlineData("<html></html>", HttpStatusCode.OK)]
    public async Task ListEndpointsAsync_NoList_ThrowsOurException(string body, HttpStatusCode status)
    {
        using var stub = new StubHandler().On("GET models/a/b/endpoints", () => StubHandler.Json(body, status));

        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Over(stub).Models.ListEndpointsAsync("a/b", Cancellation));

        Assert.Equal(status, exception.StatusCode);
    }

    private static int CheckPrices(JsonObject sent, ModelListing model)
    {
        foreach (var (key, value) in sent.Where(member => member.Key != "overrides"))
        {
            var price = decimal.Parse((string)value!, NumberStyles.Float, CultureInfo.InvariantCulture);
            Assert.Equal(price < 0 ? null : price, PriceKeys[key](model.Prices));
        }

        Assert.Equal(sent["overrides"]?.AsArray().Count ?? 0, model.Prices.Overrides.Count);
        Assert.All(PriceKeys.Where(key => !sent.ContainsKey(key.Key)), key => Assert.Null(key.Value(model.Prices)));
        return sent.Count;
    }

    private static async Task<IReadOnlyList<ModelListing>> ListAsync(string body)
    {
        using var stub = new StubHandler().On("GET models", body);
        return await BillingClientKit.Over(stub).Models.ListAsync(cancellationToken: Cancellation);
    }

    /// <summary>Shows the address as it goes out, and answers that there are no endpoints.</summary>
    private sealed class CatchingHandler(Action<HttpRequestMessage> see) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            see(request);
            return Task.FromResult(StubHandler.Json("""{"data":{"endpoints":[]}}"""));
        }
    }
}
