using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Options;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>Where figures, prices, remembered refusals and lowered caps meet, and one of them fails.</summary>
public sealed class BillingGuardInterplayTests
{
    private const string MemberKey = """{"data":{"limit":null,"limit_remaining":null,"usage":0.5,"is_free_tier":false,"is_management_key":false,"creator_user_id":"member","workspace_id":"space","free_model_daily_requests":{"used":2,"limit":50,"remaining":48},"budgets":[]}}""";
    private const string HalfADollar = """{"data":{"total_credits":10,"total_usage":9.5}}""";
    private const string Models = """{"data":[{"id":"some/model","created":1,"context_length":1000000,"architecture":{"output_modalities":["text"]},"supported_parameters":["max_tokens"],"pricing":{"prompt":"0.000001","completion":"0.00002"},"top_provider":{"context_length":1000000,"max_completion_tokens":500000}}]}""";
    private const string TooLarge = """{"error":{"code":402,"metadata":{"reason":"weight_exceeds_budget","limit_source":"openrouter_credits"}}}""";

    private static readonly TimeSpan OlderThanARefusalMayBe = TimeSpan.FromSeconds(6);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendAsync_KeyCannotBeReadAnew_TheMinuteStillCounts()
    {
        using var world = new GuardedStub(options => (options.ManagementKey, options.Guard.FreeRequestsPerMinute) = (null, 1)) { KeyBody = MemberKey };
        await world.PassesAsync(GuardedStub.FreeModel);
        await world.AdvanceAsync(OlderThanARefusalMayBe);
        world.Stub.On("GET key", Fail);

        await world.IsRefusedHereAsync<FreeModelQuotaExceededException>(GuardedStub.FreeModel);
    }

    [Fact]
    public async Task SendAsync_KeyCannotBeReadAnew_WhatOthersHoldOfTheBalanceStillCounts()
    {
        using var world = new GuardedStub(options => options.ManagementKey = null) { KeyBody = MemberKey, CreditsBody = """{"data":{"total_credits":1,"total_usage":0.94}}""" };
        await world.Guard.ReserveAsync(new BillableRequest { Model = GuardedStub.PaidModel, ApiKey = TestData.ApiKey }, Cancellation);
        await world.IsRefusedHereAsync<InsufficientCreditsException>();
        await world.AdvanceAsync(OlderThanARefusalMayBe);
        world.Stub.On("GET key", Fail);

        await world.IsRefusedHereAsync<InsufficientCreditsException>();
    }

    [Fact]
    public async Task SendAsync_KeyCannotBeReadAnew_WhatOpenRouterRefusedIsStillRemembered()
    {
        using var world = new GuardedStub(options => options.ManagementKey = null) { KeyBody = MemberKey };
        await world.IsRefusedThereAsync<InsufficientCreditsException>("no credits");
        await world.AdvanceAsync(OlderThanARefusalMayBe);
        world.Stub.On("GET key", Fail);
        world.Stub.On("GET credits", Fail);

        await world.IsRefusedHereAsync<InsufficientCreditsException>();
    }

    [Fact]
    public async Task SendAsync_ClockWasSetAndPricesCannotBeReadAnew_OldPricesServe()
    {
        using var world = Priced();
        await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.Http.SendAsync(Paid(50_000), Cancellation));
        world.Stub.On("GET models", Fail);

        await world.AdvanceAsync(TimeSpan.FromSeconds(-10));

        await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.Http.SendAsync(Paid(50_000), Cancellation));
        Assert.Equal(0, world.Chats);
    }

    [Fact]
    public async Task SendAsync_TokenCounterThrows_TheOptionsDecide()
    {
        using var world = Priced();
        using var http = Counted(world, () => throw new FormatException("The test's counter is broken."));

        var refusal = await Assert.ThrowsAsync<BillingCheckUnavailableException>(() => http.SendAsync(Paid(10), Cancellation));

        Assert.IsType<FormatException>(refusal.InnerException);
    }

    [Fact]
    public async Task SendAsync_TokenCounterThrowsAfterTheAnswer_TheRefusalIsThrownAllTheSame()
    {
        using var world = Priced();
        var calls = 0;
        using var http = Counted(world, () => ++calls > 1 ? throw new FormatException("The test's counter broke.") : 10);
        world.AnswerWith("no credits");

        await Assert.ThrowsAsync<InsufficientCreditsException>(() => http.SendAsync(Paid(10), Cancellation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendAsync_MessageIsDisposedUnderWay_WhatBecameOfItComesThrough(bool gaveUp)
    {
        using var world = Priced(options => options.Guard.LowerOutputCap = true);
        using var sender = new HttpMessageInvoker(new BillingGuardHandler(world.Guard, world.Options) { InnerHandler = new DisposingHandler(gaveUp) { InnerHandler = world.Stub } });
        var request = Paid(50_000);
        request.RequestUri = new Uri(world.Options.BaseAddress, "chat/completions");

        if (gaveUp)
        {
            await Assert.ThrowsAsync<TaskCanceledException>(() => sender.SendAsync(request, Cancellation));
        }
        else
        {
            using var answer = await sender.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task SendAsync_LoweredRequestIsRefusedForItsSize_TheSizeThatWasSentIsRemembered()
    {
        using var world = Priced(options => options.Guard.LowerOutputCap = true);
        world.Answer = () => StubHandler.Json(TooLarge, HttpStatusCode.PaymentRequired);
        await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.Http.SendAsync(Paid(50_000), Cancellation));

        await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.Http.SendAsync(Paid(40_000), Cancellation));

        Assert.Equal(1, world.Chats);
    }

    [Fact]
    public async Task SendAsync_ClockSetBackAfterARefusal_NewFiguresStillOpenTheLimit()
    {
        using var world = new GuardedStub();
        await world.IsRefusedThereAsync<InsufficientCreditsException>("no credits");
        await world.AdvanceAsync(TimeSpan.FromHours(-1));
        world.CreditsBody = """{"data":{"total_credits":20,"total_usage":10}}""";

        await world.AdvanceAsync(TimeSpan.FromMinutes(10));

        await world.PassesAsync();
    }

    [Fact]
    public async Task Learn_SmallerRefusalForItsSizeThenALargerOne_TheSmallerStillBinds()
    {
        using var world = new GuardedStub();
        var request = new BillableRequest { Model = GuardedStub.PaidModel, ApiKey = TestData.ApiKey };
        foreach (var claim in new[] { 0.05m, 1m })
        {
            world.Options.Guard.PaidRequestClaim = claim;
            world.Guard.Learn(request, HttpStatusCode.PaymentRequired, Encoding.UTF8.GetBytes(TooLarge));
        }

        world.Options.Guard.PaidRequestClaim = 0.1m;

        Assert.False((await world.Guard.EvaluateAsync(request, Cancellation)).IsAllowed);
    }

    [Fact]
    public async Task SendAsync_OptionsTurnWrongWhileUnderWay_TheRefusalIsThrownAllTheSame()
    {
        using var world = new GuardedStub();
        var areWrong = false;
        world.Answer = () =>
        {
            areWrong = true;
            return GuardedStub.Refusal(GuardedStub.Case("no credits"));
        };
        OpenRouterBillingOptions Options() => areWrong ? throw new OptionsValidationException(string.Empty, typeof(OpenRouterBillingOptions), ["The test spoiled them."]) : world.Options;
        using var http = new HttpClient(new BillingGuardHandler(world.Guard, Options, null) { InnerHandler = world.Stub }) { BaseAddress = world.Options.BaseAddress };

        await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.ChatAsync(http: http));
    }

    [Fact]
    public void Lower_CapWrittenAsText_IsReplacedToo() =>
        Assert.Equal("""{"max_tokens":300}""", Encoding.UTF8.GetString(OutputCapRewriter.Lower("""{"max_tokens":"900"}"""u8, 300, new Uri("https://openrouter.ai/api/v1/chat/completions")).Span));

    [Theory]
    [InlineData("""{"model":"a/b:free","preset":"mine"}""")]
    [InlineData("""{"model":"a/b:free","web_search_options":{}}""")]
    [InlineData("""{"model":"@preset/mine:free"}""")]
    public void Read_WhatOnlyTheServerKnowsMayCost_IsPaid(string body) => Assert.True(RequestReader.Read(Encoding.UTF8.GetBytes(body), null).IsPaid);

    private static HttpResponseMessage Fail() => StubHandler.Json("{}", HttpStatusCode.InternalServerError);

    private static GuardedStub Priced(Action<OpenRouterBillingOptions>? configure = null)
    {
        var world = new GuardedStub(options =>
        {
            options.Guard.Pricing = PricingMode.Catalogue;
            configure?.Invoke(options);
        }) { CreditsBody = HalfADollar };
        world.Stub.On("GET models", Models);
        return world;
    }

    private static HttpClient Counted(GuardedStub world, Func<long> count)
    {
        var guard = new BillingGuard(new HttpClient(world.Stub, disposeHandler: false), world.Options, new() { TimeProvider = world.Clock, TokenCounter = new Counter(count) });
        return new HttpClient(new BillingGuardHandler(guard, world.Options) { InnerHandler = world.Stub }) { BaseAddress = world.Options.BaseAddress };
    }

    private static HttpRequestMessage Paid(int maxTokens) => new(HttpMethod.Post, new Uri("chat/completions", UriKind.Relative))
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", TestData.ApiKey) },
        Content = new StringContent($$"""{"model":"some/model","max_tokens":{{maxTokens}},"messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json"),
    };

    private sealed class Counter(Func<long> count) : ITokenCounter
    {
        public long CountAtMost(PromptSize prompt, string model) => count();
    }

    private sealed class DisposingHandler(bool givesUp) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            request.Dispose();
            return givesUp ? throw new TaskCanceledException("The test gave up.") : response;
        }
    }
}
