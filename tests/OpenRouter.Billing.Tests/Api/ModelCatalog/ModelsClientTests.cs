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

        Assert.Equal(stub.Requests.Count, models.Count);
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
}
