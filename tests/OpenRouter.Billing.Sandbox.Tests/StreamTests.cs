using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox.Tests;

public sealed class StreamTests
{
    [Fact]
    public async Task Chat_Stream_HasTheRecordedOrder()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.TokensPerChunk = 6);

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(stream: true));

        Assert.Equal("text/event-stream", reply.Headers["Content-Type"]);
        Assert.Equal("no-cache", reply.Headers["Cache-Control"]);
        Assert.StartsWith(": OPENROUTER PROCESSING\n\ndata: {\"id\":\"gen-", reply.Body, StringComparison.Ordinal);
        Assert.EndsWith("}\n\ndata: [DONE]\n\n", reply.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", reply.Body, StringComparison.Ordinal);
        Assert.Equal([null, null, null, "stop", "stop"], reply.Events.Select(chunk => (string?)chunk["choices"]![0]!["finish_reason"]));
        Assert.Equal([24, 24, 16, 0, 0], reply.Events.Select(chunk => ((string)chunk["choices"]![0]!["delta"]!["content"]!).Length));
        Assert.All(reply.Events, chunk => Assert.Equal(reply.Headers["X-Generation-Id"], (string?)chunk["id"]));
        JsonNode usage = Assert.Single(reply.Events, chunk => chunk["usage"] is not null)["usage"]!;
        Assert.Equal("0.0000105", usage["cost"]!.ToJsonString());
        Assert.Equal(0.0000105m, fixture.Account.TotalUsage);
        Assert.True(Assert.Single(fixture.Account.Generations).Streamed);
    }

    [Fact]
    public async Task Chat_StreamRefused_IsPlainJson()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Account.Charge(11m);

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(stream: true));

        Assert.Equal((402, "application/json"), (reply.Status, reply.Headers["Content-Type"]));
    }

    [Fact]
    public async Task Completions_Stream_CarriesText()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.PostAsync("""{"model":"openai/gpt-4o-mini","prompt":"12345678","max_tokens":4,"stream":true}""", path: "completions");

        Assert.Equal(16, ((string)reply.Events[0]["choices"]![0]!["text"]!).Length);
        Assert.Equal("text_completion", (string?)reply.Events[0]["object"]);
        Assert.Equal(6, (int)reply.Events[^1]["usage"]!["prompt_tokens"]!);
        Assert.Equal(0.0000033m, fixture.Account.TotalUsage);
    }

    [Theory]
    [InlineData(100, "response.completed", "completed")]
    [InlineData(16, "response.incomplete", "incomplete")]
    public async Task Responses_Stream_NumbersEventsAndEndsWithUsage(int cap, string lastType, string status)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.PostAsync($$"""{"model":"openai/gpt-4o-mini","input":"12345678","max_output_tokens":{{cap}},"stream":true}""", path: "responses");

        Assert.DoesNotContain("event:", reply.Body, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", reply.Body, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, reply.Events.Count), reply.Events.Select(each => (int)each["sequence_number"]!));
        Assert.Equal("response.created", (string?)reply.Events[0]["type"]);
        Assert.True(Reply.IsNull(reply.Events[0]["response"]!, "usage"));
        Assert.Equal((lastType, status), ((string?)reply.Events[^1]["type"], (string?)reply.Events[^1]["response"]!["status"]));
        JsonNode usage = reply.Events[^1]["response"]!["usage"]!;
        Assert.Equal((6, 16), ((int)usage["input_tokens"]!, (int)usage["output_tokens"]!));
        Assert.Equal("0.0000105", usage["cost"]!.ToJsonString());
        Assert.Equal("0.0000096", usage["cost_details"]!["upstream_inference_output_cost"]!.ToJsonString());
        Assert.Equal(0.0000105m, fixture.Account.TotalUsage);
    }

    [Fact]
    public async Task Responses_Whole_KeepsTheAskedName()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.PostAsync("""{"model":"anthropic/claude-haiku-4.5","input":[{"role":"user","content":[{"type":"input_text","text":"12345678"}]}],"max_output_tokens":100}""", path: "responses");

        Assert.Equal("anthropic/claude-haiku-4.5", (string?)reply.Json["model"]);
        Assert.StartsWith("gen-", (string?)reply.Json["id"], StringComparison.Ordinal);
        Assert.Equal(64, ((string)reply.Json["output"]![0]!["content"]![0]!["text"]!).Length);
        Assert.Equal("0.000086", reply.Json["usage"]!["cost"]!.ToJsonString());
    }

    [Fact]
    public async Task Messages_Stream_NamesItsEvents()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(stream: true), path: "messages");

        string[] names = [.. reply.Body.Split('\n').Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line["event: ".Length..]).Distinct()];
        Assert.Equal(["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop", "data"], names);
        Assert.Equal(6, (int)reply.Events[0]["message"]!["usage"]!["input_tokens"]!);
        JsonNode delta = Assert.Single(reply.Events, each => (string?)each["type"] == "message_delta");
        Assert.Equal(16, (int)delta["usage"]!["output_tokens"]!);
        Assert.Equal("end_turn", (string?)delta["delta"]!["stop_reason"]);
        Assert.Equal(0.0000105m, fixture.Account.TotalUsage);
    }

    [Fact]
    public async Task Messages_Whole_CountsTheSystemPrompt()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.PostAsync("""{"model":"openai/gpt-4o-mini","max_tokens":100,"system":"1234","messages":[{"role":"user","content":"12345678"}]}""", path: "messages");

        Assert.Equal(11, (int)reply.Json["usage"]!["input_tokens"]!);
        Assert.Equal(fixture.Account.TotalUsage, Reply.Money(reply.Json["usage"]!["cost"]));
    }
}
