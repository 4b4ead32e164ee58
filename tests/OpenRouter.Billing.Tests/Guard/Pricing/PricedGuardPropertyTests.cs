using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>Requests of all kinds, beside a server that has the same prices: what the guard claims, and what it refuses.</summary>
public sealed class PricedGuardPropertyTests
{
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

    private static Task<GuardedSandbox> StartAsync(Action<OpenRouterSandboxOptions> sandbox) =>
        GuardedSandbox.StartAsync(sandbox, options => options.Guard.Pricing = PricingMode.Catalogue);

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
