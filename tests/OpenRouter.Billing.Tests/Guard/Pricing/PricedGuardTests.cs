using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>The guard with prices, beside a server that has the same ones.</summary>
public sealed class PricedGuardTests
{
    private const string ModelsRoute = "GET /models";
    private const int GeneratedRequests = 400;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendAsync_GeneratedRequests_ClaimsNeverLessThanTheServerCharges()
    {
        await using var world = await StartAsync(sandbox =>
        {
            sandbox.InitialCredits = 1_000;
            sandbox.OutputTokens = int.MaxValue;
        });
        var random = new Random(4711);
        decimal claimed = 0, charged = 0;
        var unbounded = 0;
        for (var turn = 0; turn < GeneratedRequests; turn++)
        {
            var body = GenerateBody(random, world.Sandbox);
            var quote = world.Sandbox.Quote(body);
            var request = RequestReader.Read(Encoding.UTF8.GetBytes(body), null);

            var lease = await world.Guard.ReserveAsync(request, Cancellation);
            var estimate = (await world.Guard.EvaluateAsync(request, Cancellation)).Estimate;
            await lease.ReleaseAsync(Cancellation);

            Assert.True(lease.ClaimedCost >= quote.MaximumCost, $"{lease.ClaimedCost} is claimed for {quote.MaximumCost}: {Show(body)}");
            Assert.True(estimate is null || estimate.PromptTokens >= quote.PromptTokens, $"{estimate?.PromptTokens} for {quote.PromptTokens} tokens: {Show(body)}");
            unbounded += estimate is { IsBounded: true } || !request.IsPaid ? 0 : 1;
            claimed += lease.ClaimedCost;
            charged += quote.MaximumCost;
        }

        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{GeneratedRequests} requests, {unbounded} without a bound: {claimed:0.####} USD claimed for {charged:0.####} USD at most, {claimed / charged:0.##} times."));
    }

    [Fact]
    public async Task SendAsync_WhatTheServerCannotAfford_IsRefusedByTheGuardToo()
    {
        await using var world = await StartAsync(sandbox => sandbox.InitialCredits = 0);
        var random = new Random(815);
        using var unguarded = new HttpClient { BaseAddress = world.Sandbox.BaseAddress };
        unguarded.DefaultRequestHeaders.Authorization = new("Bearer", world.Sandbox.ApiKey);
        var (refusedByServer, refusedByGuardOnly, both) = (0, 0, 0);
        for (var turn = 0; turn < GeneratedRequests; turn++)
        {
            var body = GenerateBody(random, world.Sandbox);
            var quote = world.Sandbox.Quote(body);
            var account = world.Sandbox.CreateAccount((quote.MaximumCost * (decimal)(0.5 + random.NextDouble())) + 0.0000001m);
            var key = account.CreateKey(random.Next(2) == 0 ? null : new SandboxKeyOptions { Limit = (quote.MaximumCost * (decimal)(0.5 + random.NextDouble())) + 0.000001m });
            var management = account.CreateKey(new SandboxKeyOptions { IsManagementKey = true });
            using var http = new HttpClient();
            var options = new OpenRouterBillingOptions { ApiKey = key.Secret, ManagementKey = management.Secret, BaseAddress = world.Sandbox.BaseAddress };
            var guard = new BillingGuard(http, options, new() { TimeProvider = world.Clock });

            var decision = await guard.EvaluateAsync(RequestReader.Read(Encoding.UTF8.GetBytes(body), key.Secret), Cancellation);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(world.Sandbox.BaseAddress, "chat/completions")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new("Bearer", key.Secret);
            using var answer = await unguarded.SendAsync(request, Cancellation);

            var isRefused = answer.StatusCode == HttpStatusCode.PaymentRequired;
            Assert.True(isRefused || answer.IsSuccessStatusCode, $"{answer.StatusCode}: {Show(body)}");
            Assert.False(isRefused && decision.IsAllowed, $"The guard lets out what the server refuses: {Show(body)}");
            refusedByServer += isRefused ? 1 : 0;
            both += isRefused && !decision.IsAllowed ? 1 : 0;
            refusedByGuardOnly += !isRefused && !decision.IsAllowed ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{GeneratedRequests} requests: {refusedByServer} refused by the server, {both} of them by the guard, {refusedByGuardOnly} by the guard only.");
        Assert.True(refusedByServer > GeneratedRequests / 10, $"Only {refusedByServer} requests put the guard to the test.");
    }

    [Fact]
    public async Task SendAsync_ColdStartWithManyRequests_ReadsTheModelsOnceAndClaimsWhatTheyCost()
    {
        await using var world = await StartAsync(sandbox => sandbox.InitialCredits = 0.02m);
        var gate = world.Sandbox.Faults.Add(ModelsRoute, SandboxFault.Gate());

        var chats = Enumerable.Range(0, 50).Select(_ => world.ChatAsync()).ToArray();
        await gate.WaitUntilHeldAsync(1, Cancellation);
        gate.Release();

        foreach (var chat in chats)
        {
            using var response = await chat;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal((1, 1, 1), (world.Sandbox.Requests.Count(ModelsRoute), world.Sandbox.Requests.Count(GuardedSandbox.CreditsRoute), world.Sandbox.Requests.Count(GuardedSandbox.KeyRoute)));
    }

    [Fact]
    public async Task SendAsync_FreeModelsOnly_ReadsNoPrices()
    {
        await using var world = await StartAsync();

        using var response = await world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, world.Sandbox.Requests.Count(ModelsRoute));
    }

    [Fact]
    public async Task ReserveAsync_PricesGrowOld_AreReadAgainInTheBackgroundAndKeptWhenThatFails()
    {
        await using var world = await StartAsync();
        var request = Chat();
        var known = (await world.Guard.EvaluateAsync(request, Cancellation)).Estimate;
        world.Sandbox.Faults.Add(ModelsRoute, SandboxFault.Answer(500, "{}"));

        await world.AdvanceAsync(world.Options.Guard.PriceRefreshAfter + TimeSpan.FromSeconds(1));
        var old = (await world.Guard.EvaluateAsync(request, Cancellation)).Estimate;
        await BillingClientKit.UntilAsync(() => world.Sandbox.Requests.Count(ModelsRoute) == 2, "a second reading");
        var kept = (await world.Guard.EvaluateAsync(request, Cancellation)).Estimate;

        Assert.NotNull(known);
        Assert.Equal((known, known), (old, kept));
    }

    [Fact]
    public async Task ReserveAsync_PricesCannotBeRead_ClaimsTheFlatAmountAndSaysSoOnce()
    {
        var handler = new StubHandler()
            .On("GET key", TestData.KeyBody)
            .On("GET credits", TestData.CreditsBody)
            .On("GET models", () => StubHandler.Json("{}", HttpStatusCode.BadGateway));
        using var http = new HttpClient(handler);
        var logger = new RecordingLogger<BillingGuard>();
        var guard = new BillingGuard(http, TestData.Options(options => (options.Guard.Pricing, options.MaxRetries) = (PricingMode.Catalogue, 0)), new() { TimeProvider = new ManualTimeProvider(), Logger = logger });

        var first = await guard.ReserveAsync(Chat(), Cancellation);
        var second = await guard.ReserveAsync(Chat(), Cancellation);

        Assert.Equal((0.05m, 0.05m), (first.ClaimedCost, second.ClaimedCost));
        var entry = Assert.Single(logger.Entries);
        Assert.Equal((LogLevel.Warning, "PricesUnavailable"), (entry.Level, entry.Event));
    }

    [Fact]
    public async Task ReserveAsync_PricesThatNeverCome_HoldUpTheFirstRequestsOnly()
    {
        await using var world = await StartAsync();
        await world.Guard.EvaluateAsync(new BillableRequest { Model = GuardedSandbox.FreeModel }, Cancellation);
        var gate = world.Sandbox.Faults.Add(ModelsRoute, SandboxFault.Gate());
        var first = world.Guard.ReserveAsync(Chat(), Cancellation).AsTask();
        await gate.WaitUntilHeldAsync(1, Cancellation);
        Assert.False(first.IsCompleted);

        world.Clock.Advance(world.Options.Guard.ReadingTimeout);
        var flat = await first;
        var next = await world.Guard.ReserveAsync(Chat(), Cancellation);
        gate.Release();
        await BillingClientKit.UntilAsync(() => world.Guard.EvaluateAsync(Chat(), Cancellation).AsTask().Result.Estimate is not null, "the prices");

        Assert.Equal((0.05m, 0.05m), (flat.ClaimedCost, next.ClaimedCost));
        Assert.Equal(1, world.Sandbox.Requests.Count(ModelsRoute));
    }

    [Fact]
    public async Task SendAsync_CapThatIsTooHigh_SaysWhichOneIsNot()
    {
        await using var world = await StartAsync(sandbox => sandbox.InitialCredits = 0.002m);

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.ChatAsync(GuardedSandbox.ChatBody(maxTokens: 16_000)));
        using var response = await world.ChatAsync(GuardedSandbox.ChatBody(maxTokens: (int)refusal.AffordableOutputTokens!.Value));

        Assert.InRange(refusal.AffordableOutputTokens.Value, 3_000, 3_333);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, world.Chats);
        await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.ChatAsync(GuardedSandbox.ChatBody(maxTokens: (int)refusal.AffordableOutputTokens.Value + 1)));
    }

    [Fact]
    public async Task SendAsync_SeveralLimits_AffordsWhatTheTightestDoes()
    {
        await using var world = await StartAsync();
        var key = world.Sandbox.Account.CreateKey(new SandboxKeyOptions { Limit = 0.001m });
        world.Sandbox.Account.AddBudget(new SandboxBudget { Scope = "workspace", Limit = 0.003m, ResetInterval = "daily" });
        var http = world.CreateClient(key.Secret);

        var refusal = await Assert.ThrowsAsync<BudgetExceededException>(() => world.ChatAsync(GuardedSandbox.ChatBody(maxTokens: 16_000), http));

        Assert.InRange(refusal.AffordableOutputTokens!.Value, 1_500, 1_666);
    }

    [Theory]
    [InlineData(UnreadableBehavior.Allow)]
    [InlineData(UnreadableBehavior.Refuse)]
    public async Task SendAsync_BodyThatNobodyCanRead_IsTreatedAsTheOptionsSay(UnreadableBehavior behavior)
    {
        await using var world = await StartAsync(options: options => (options.Guard.WhenUnreadable, options.Guard.MaxRequestBytes) = (behavior, 64));

        if (behavior == UnreadableBehavior.Refuse)
        {
            var refusal = await Assert.ThrowsAsync<RequestUnreadableException>(() => world.ChatAsync());
            Assert.Contains("MaxRequestBytes", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(0, world.Chats);
        }
        else
        {
            using var response = await world.ChatAsync();
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Theory]
    [InlineData(",\"plugins\":[{\"id\":\"web\"}]", "")]
    [InlineData("", ":online")]
    public async Task SendAsync_PaidAddOnOnAFreeModel_IsPricedOrRefusedAsTheOptionsSay(string extra, string variant)
    {
        await using var world = await StartAsync();
        var body = GuardedSandbox.ChatBody(GuardedSandbox.FreeModel + variant, extra: extra);

        using var priced = await world.ChatAsync(body);
        world.Options.Guard.RefusePaidAddOns = true;
        var refusal = await Assert.ThrowsAsync<PaidAddOnException>(() => world.ChatAsync(body));
        using var plain = await world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (priced.StatusCode, plain.StatusCode));
        Assert.Equal(BillingCause.PaidAddOn, refusal.Verdict.Cause);
        Assert.Equal(2, world.Chats);
    }

    [Fact]
    public async Task ReserveAsync_FreeQuotaUsedUp_SaysNothingAboutMoney()
    {
        await using var world = await StartAsync();
        world.Sandbox.Account.SetFreeRequestsToday(1000);

        var refusal = await Assert.ThrowsAsync<FreeModelQuotaExceededException>(() => world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel)));

        Assert.Null(refusal.Verdict.AffordableOutputTokens);
    }

    private static Task<GuardedSandbox> StartAsync(Action<OpenRouterSandboxOptions>? sandbox = null, Action<OpenRouterBillingOptions>? options = null) =>
        GuardedSandbox.StartAsync(sandbox, configured =>
        {
            configured.Guard.Pricing = PricingMode.Catalogue;
            options?.Invoke(configured);
        });

    private static BillableRequest Chat() => new() { Model = GuardedSandbox.PaidModel, Prompt = PromptSize.Of("hello"), MaxOutputTokens = 16 };

    private static string Show(string body) => body.Length <= 600 ? body : body[..600] + "…";

    private static string GenerateBody(Random random, OpenRouterSandbox sandbox)
    {
        while (true)
        {
            var body = new JsonObject { ["model"] = ModelOf(random) };
            var messages = new JsonArray();
            for (var index = random.Next(1, 6); index > 0; index--)
            {
                messages.Add(new JsonObject { ["role"] = index % 2 == 0 ? "assistant" : "user", ["content"] = ContentOf(random) });
            }

            switch (random.Next(4))
            {
                case 0:
                    body["prompt"] = TextOf(random);
                    break;
                case 1:
                    body["input"] = messages;
                    body["instructions"] = TextOf(random);
                    break;
                case 2:
                    body["messages"] = messages;
                    body["system"] = ContentOf(random);
                    break;
                default:
                    body["messages"] = messages;
                    break;
            }

            if (random.Next(3) > 0)
            {
                body[new[] { "max_tokens", "max_completion_tokens", "max_output_tokens" }[random.Next(3)]] = random.Next(0, 3000);
            }

            AddExtras(random, body);
            // Half of the bodies escape what is not ASCII, as Python does, the other half do not.
            var text = random.Next(2) == 0 ? body.ToJsonString() : body.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            try
            {
                sandbox.Quote(text);
                return text;
            }
            catch (ArgumentException)
            {
                // An empty prompt or one beyond the context: the server would refuse it for that.
            }
        }
    }

    private static void AddExtras(Random random, JsonObject body)
    {
        if (random.Next(8) == 0)
        {
            body["plugins"] = new JsonArray(new JsonObject { ["id"] = "web", ["engine"] = new[] { "exa", "parallel", "perplexity", "native" }[random.Next(4)], ["max_results"] = random.Next(1, 30) });
        }

        if (random.Next(8) == 0)
        {
            body["tools"] = new JsonArray(
                new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = "f", ["parameters"] = new JsonObject { ["type"] = "object" } } },
                new JsonObject { ["type"] = "openrouter:web_search", ["parameters"] = new JsonObject { ["max_results"] = random.Next(1, 30) } });
        }
    }

    private static string ModelOf(Random random)
    {
        string[] models = ["openai/gpt-4o-mini", "openai/gpt-5.2", "openai/gpt-5-nano", "openai/gpt-6-luna-pro", "anthropic/claude-haiku-4.5", "google/gemini-2.5-flash", "deepseek/deepseek-chat", GuardedSandbox.FreeModel];
        string[] variants = ["", "", "", ":online", ":floor", ":nitro", ":nitro:online"];
        return models[random.Next(models.Length)] + variants[random.Next(variants.Length)];
    }

    private static JsonNode ContentOf(Random random) => random.Next(2) == 0
        ? JsonValue.Create(TextOf(random))
        : new JsonArray(
            new JsonObject { ["type"] = "text", ["text"] = TextOf(random) },
            new JsonObject { ["type"] = "text", ["text"] = TextOf(random) });

    private static string TextOf(Random random)
    {
        string[] alphabets = ["abcdefg hijklm nop", "0123456789", "äöüßéàç", "你好世界天地玄黄", "😀🚀", "\"\\\n\t/"];
        var alphabet = alphabets[random.Next(alphabets.Length)].EnumerateRunes().ToArray();
        var length = random.Next(6) == 0 ? random.Next(20_000) : random.Next(200);
        var text = new StringBuilder();
        for (var index = 0; index < length; index++)
        {
            text.Append(alphabet[random.Next(alphabet.Length)].ToString());
        }

        return text.ToString();
    }
}
