using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox.Tests;

public sealed class ResponseCacheTests
{
    private const decimal Cost = 0.0000105m;

    public static TheoryData<string, string> Requests => new()
    {
        { "chat/completions", SandboxFixture.Chat() },
        { "chat/completions", SandboxFixture.Chat(stream: true) },
        { "responses", """{"model":"openai/gpt-4o-mini","input":"12345678","max_output_tokens":100}""" },
        { "responses", """{"model":"openai/gpt-4o-mini","input":"12345678","max_output_tokens":100,"stream":true}""" },
        { "messages", SandboxFixture.Chat() },
        { "messages", SandboxFixture.Chat(stream: true) },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Post_SameRequestWithinFiveMinutes_IsAHitThatCostsNothing(string path, string body)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.GenerationDelay = TimeSpan.Zero);

        Reply miss = await PostAsync(fixture, path, body);
        Reply hit = await PostAsync(fixture, path, body);

        Assert.Equal(("MISS", "HIT"), (miss.Headers["X-OpenRouter-Cache-Status"], hit.Headers["X-OpenRouter-Cache-Status"]));
        Assert.NotEqual(miss.Headers["X-Generation-Id"], hit.Headers["X-Generation-Id"]);
        Assert.Equal(Cost, fixture.Account.TotalUsage);
        Assert.Contains("\"cost\":0,", hit.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("\"cost\":0,", miss.Body, StringComparison.Ordinal);
        Assert.Equal(TextOf(miss), TextOf(hit));
        JsonNode record = (await fixture.GetAsync($"generation?id={hit.Headers["X-Generation-Id"]}")).Data;
        Assert.Equal((0m, miss.Headers["X-Generation-Id"], 0), (Reply.Money(record["total_cost"]), (string?)record["response_cache_source_id"], (int)record["tokens_completion"]!));
    }

    [Fact]
    public async Task Post_AnythingElseDiffers_IsBilledAgain()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        string chat = SandboxFixture.Chat();
        await PostAsync(fixture, "chat/completions", chat);

        Reply unasked = await fixture.PostAsync(chat);
        Reply otherKey = await fixture.SendAsync(HttpMethod.Post, "chat/completions", fixture.Account.CreateKey().Secret, chat, ("X-OpenRouter-Cache", "true"));
        Reply otherBody = await PostAsync(fixture, "chat/completions", chat + " ");
        Reply otherPath = await PostAsync(fixture, "messages", chat);
        fixture.Clock.Advance(TimeSpan.FromMinutes(5));
        Reply later = await PostAsync(fixture, "chat/completions", chat);

        Assert.DoesNotContain("X-OpenRouter-Cache-Status", unasked.Headers.Keys);
        Assert.All([otherKey, otherBody, otherPath, later], reply => Assert.Equal("MISS", reply.Headers["X-OpenRouter-Cache-Status"]));
        Assert.Equal(6 * Cost, fixture.Account.TotalUsage);
    }

    private static Task<Reply> PostAsync(SandboxFixture fixture, string path, string body) =>
        fixture.SendAsync(HttpMethod.Post, path, fixture.Sandbox.ApiKey, body, ("X-OpenRouter-Cache", "true"));

    private static string TextOf(Reply reply) => string.Concat(reply.Body.Split('"').Where(part => part.Contains("made up", StringComparison.Ordinal) || part.Contains("This ", StringComparison.Ordinal)));
}
