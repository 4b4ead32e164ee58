using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox.Tests;

public sealed class ChatTests
{
    [Fact]
    public async Task Post_Whole_BillsExactlyTokensTimesPrice()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat());

        // 6 x 0.00000015 + 16 x 0.0000006
        const decimal Cost = 0.0000105m;
        JsonNode usage = reply.Json["usage"]!;
        Assert.Equal((6, 16, 22), ((int)usage["prompt_tokens"]!, (int)usage["completion_tokens"]!, (int)usage["total_tokens"]!));
        Assert.Equal("0.0000105", usage["cost"]!.ToJsonString());
        Assert.Equal("0.0000009", usage["cost_details"]!["upstream_inference_prompt_cost"]!.ToJsonString());
        Assert.Equal(Cost, fixture.Account.TotalUsage);
        Assert.Equal(10m - Cost, fixture.Account.Balance);
        Assert.Equal(Cost, Assert.Single(fixture.Account.Generations).Cost);
    }

    [Fact]
    public async Task Post_Whole_HasTheRecordedShape()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.KeepAliveUnits = 2);

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat("anthropic/claude-haiku-4.5"));

        Assert.StartsWith("\n         \n\n         \n{\"id\":\"gen-", reply.Body, StringComparison.Ordinal);
        Assert.Equal((string?)reply.Json["id"], reply.Headers["X-Generation-Id"]);
        Assert.Equal("anthropic/claude-4.5-haiku-20251001", (string?)reply.Json["model"]);
        Assert.Equal("application/json", reply.Headers["Content-Type"]);
        Assert.Equal("chunked", reply.Headers["Transfer-Encoding"]);
        Assert.Equal("stop", (string?)reply.Json["choices"]![0]!["finish_reason"]);
        Assert.Equal(64, ((string)reply.Json["choices"]![0]!["message"]!["content"]!).Length);
        Assert.False((bool)reply.Json["usage"]!["is_byok"]!);
    }

    [Theory]
    [InlineData("max_tokens", 5, 5, "length")]
    [InlineData("max_completion_tokens", 5, 5, "length")]
    [InlineData("max_tokens", 100, 16, "stop")]
    public async Task Post_WithOutputCap_AnswersAtMostThatMuch(string member, int cap, int tokens, string finishReason)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        JsonNode body = JsonNode.Parse(SandboxFixture.Chat(maxTokens: null))!;
        body[member] = cap;

        Reply reply = await fixture.PostAsync(body.ToJsonString());

        Assert.Equal(tokens, (int)reply.Json["usage"]!["completion_tokens"]!);
        Assert.Equal(finishReason, (string?)reply.Json["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public async Task Post_FreeModel_CostsNothing()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(SandboxFixture.Free));

        Assert.Equal("0", reply.Json["usage"]!["cost"]!.ToJsonString());
        Assert.Equal(SandboxFixture.Free, (string?)reply.Json["model"]);
        Assert.Equal(0m, fixture.Account.TotalUsage);
        Assert.Equal(1, fixture.Account.FreeRequestsToday);
    }

    [Fact]
    public async Task Post_Router_IsBilledAsTheModelThatAnswers()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat("openrouter/auto"));

        Assert.Equal(SandboxFixture.Paid, (string?)reply.Json["model"]);
        Assert.Equal(0.0000105m, fixture.Account.TotalUsage);
    }

    [Fact]
    public async Task Post_WithFallbacksOnly_UsesTheFirst()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.PostAsync("""{"models":["openai/gpt-4o-mini","openai/gpt-5.2"],"messages":[{"role":"user","content":"hi"}],"max_tokens":1}""");

        Assert.Equal(SandboxFixture.Paid, (string?)reply.Json["model"]);
    }

    [Theory]
    [InlineData("openai/gpt-4o-mini:online", "", "0.0070105")]
    [InlineData("openai/gpt-4o-mini", """,{"id":"web"}""", "0.0070105")]
    [InlineData("openai/gpt-4o-mini", """,{"id":"web","max_results":12}""", "0.0090105")]
    [InlineData("openai/gpt-4o-mini", """,{"id":"web","engine":"parallel"}""", "0.0050105")]
    [InlineData("openai/gpt-4o-mini", """,{"id":"web","enabled":false}""", "0.0000105")]
    [InlineData("openai/gpt-oss-20b:free:online", "", "0.007")]
    [InlineData("anthropic/claude-haiku-4.5:online", "", "0.010086")]
    public async Task Post_WithWebSearch_AddsItsFee(string model, string plugin, string cost)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        string body = SandboxFixture.Chat(model).Insert(1, $"\"plugins\":[{{\"id\":\"other\"}}{plugin}],");

        Reply reply = await fixture.PostAsync(body);

        Assert.Equal(cost, reply.Json["usage"]!["cost"]!.ToJsonString());
        Assert.Equal(Reply.Money(reply.Json["usage"]!["cost"]), fixture.Account.TotalUsage);
    }

    [Fact]
    public async Task Post_WithExaSearch_LeavesTheFeeOutOfCostDetails()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(SandboxFixture.Paid + ":online"));

        JsonNode usage = reply.Json["usage"]!;
        Assert.Equal("0.0000105", usage["cost_details"]!["upstream_inference_cost"]!.ToJsonString());
        Assert.Equal(1, (int)usage["server_tool_use_details"]!["web_search_requests"]!);
    }

    [Fact]
    public async Task Post_LongPrompt_PaysTheLongPromptPrice()
    {
        SandboxModel model = new() { Id = "test/long", PromptPrice = 0.000001m, CompletionPrice = 0.000002m, LongPromptTokens = 6, LongPromptPrice = 0.00001m };
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.Models.Add(model));

        Reply atThreshold = await fixture.PostAsync(SandboxFixture.Chat(model.Id, maxTokens: 1));
        Reply above = await fixture.PostAsync(SandboxFixture.Chat(model.Id, maxTokens: 1, text: "123456789"));

        Assert.Equal("0.000008", atThreshold.Json["usage"]!["cost"]!.ToJsonString());
        Assert.Equal("0.000072", above.Json["usage"]!["cost"]!.ToJsonString());
    }

    [Theory]
    [InlineData("not json", "Input must have at least 1 token.")]
    [InlineData("""{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"\ud800"}]}""", "Input must have at least 1 token.")]
    [InlineData("[1]", "Input must have at least 1 token.")]
    [InlineData("""{"model":"openai/gpt-4o-mini"}""", "Input must have at least 1 token.")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}]}""", "No models provided")]
    [InlineData("""{"model":"no/such","messages":[{"role":"user","content":"hi"}]}""", "no/such is not a valid model ID")]
    [InlineData("""{"model":"no/such:online","stream":true,"messages":[{"role":"user","content":"hi"}]}""", "no/such:online is not a valid model ID")]
    public async Task Post_UnusableBody_Is400AndFree(string body, string message)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.PostAsync(body);

        Assert.Equal((400, message), (reply.Status, reply.Message));
        Assert.Equal("application/json", reply.Headers["Content-Type"]);
        Assert.Equal(fixture.Account.UserId, (string?)reply.Json["user_id"]);
        Assert.Equal(0m, fixture.Account.TotalUsage);
    }

    [Fact]
    public async Task Post_PromptBeyondContext_Is400()
    {
        SandboxModel small = new() { Id = "test/small", PromptPrice = 0, CompletionPrice = 0, ContextLength = 6 };
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.Models.Add(small));

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(small.Id));

        Assert.Equal(400, reply.Status);
        Assert.StartsWith("This endpoint's maximum context length is 6 tokens.", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_OneHundredInParallel_BooksExactlyTheSum()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply[] replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(i =>
            fixture.PostAsync(SandboxFixture.Chat("deepseek/deepseek-chat", stream: i % 2 == 0, text: new string('x', i + 1)))));

        Assert.All(replies, reply => Assert.Equal(200, reply.Status));
        Assert.Equal(100, fixture.Account.Generations.Count);
        Assert.Equal(fixture.Account.Generations.Sum(generation => generation.Cost), fixture.Account.TotalUsage);
        Assert.Equal(
            replies.Sum(reply => Reply.Money(reply.Body.Contains("data: ", StringComparison.Ordinal) ? reply.Events[^1]["usage"]!["cost"] : reply.Json["usage"]!["cost"])),
            fixture.Account.TotalUsage);
    }

    [Fact]
    public async Task Post_AnyBody_CostsWhatWasQuoted()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        string body = """{"model":"google/gemini-2.5-flash","max_tokens":9,"messages":[{"role":"system","content":"äöü"},{"role":"user","content":[{"type":"text","text":"12345"},{"type":"image_url","image_url":{"url":"data:"}}]}]}""";
        SandboxQuote quote = fixture.Sandbox.Quote(body);

        Reply reply = await fixture.PostAsync(body);

        // Two messages of 4 tokens, 6 bytes and 5 bytes of text.
        Assert.Equal((12, 9, 9), (quote.PromptTokens, quote.OutputTokens, quote.MaximumOutputTokens));
        Assert.Equal((12 * 0.0000003m) + (9 * 0.0000025m), quote.Cost);
        Assert.Equal(quote.Cost, Reply.Money(reply.Json["usage"]!["cost"]));
    }

    [Fact]
    public async Task Quote_OfUnknownModel_Throws()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        ArgumentException exception = Assert.Throws<ArgumentException>(() => fixture.Sandbox.Quote(SandboxFixture.Chat("no/such")));

        Assert.Contains("no/such is not a valid model ID", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_BelowOneNanoDollar_RoundsTheBillDown()
    {
        SandboxModel cheap = new() { Id = "test/cheap", PromptPrice = 0.0000000003m, CompletionPrice = 0 };
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.Models.Add(cheap));

        await fixture.PostAsync(SandboxFixture.Chat(cheap.Id));

        // 6 x 0.3 nano-dollars are 1.8.
        Assert.Equal(0.000000001m, fixture.Account.TotalUsage);
    }

    [Fact]
    public async Task Post_WithBookingDelay_IsBookedLater()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.BookingDelay = TimeSpan.FromSeconds(30));

        await fixture.PostAsync(SandboxFixture.Chat());
        decimal atOnce = fixture.Account.TotalUsage;
        fixture.Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(0m, atOnce);
        Assert.Equal(0.0000105m, fixture.Account.TotalUsage);
    }
}
