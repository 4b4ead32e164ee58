using System.Net;

namespace OpenRouter.Billing.Sandbox.Tests;

public sealed class FaultTests
{
    private const string Route = "POST /chat/completions";
    private const decimal Cost = 0.0000105m;

    [Fact]
    public async Task Answer_ForTwoRequests_ReplacesExactlyTwo()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxFault fault = fixture.Sandbox.Faults.Add(
            "GET /key",
            SandboxFault.Answer(503, "<html>", "text/html", new Dictionary<string, string> { ["Retry-After"] = "7" }),
            times: 2);

        Reply first = await fixture.GetAsync("key");
        Reply second = await fixture.GetAsync("key");
        Reply third = await fixture.GetAsync("key");

        Assert.Equal((503, "<html>", "text/html", "7"), (first.Status, first.Body, first.Headers["Content-Type"], first.Headers["Retry-After"]));
        Assert.Equal((503, 200), (second.Status, third.Status));
        Assert.Equal(2, fault.Hits);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task Answer_BilledOrNot_BooksAccordingly(bool billed, int bookings)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Sandbox.Faults.Add(Route, SandboxFault.Answer(502, "{}", billed: billed));

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat());

        Assert.Equal(502, reply.Status);
        Assert.Equal(bookings * Cost, fixture.Account.TotalUsage);
    }

    [Fact]
    public async Task Add_WithCondition_StrikesMatchingRequestsOnly()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxFault fault = fixture.Sandbox.Faults.Add("*", SandboxFault.Answer(500, ""), when: request => request.Body.Contains("gpt-5.2", StringComparison.Ordinal));

        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat())).Status);
        Assert.Equal(500, (await fixture.PostAsync(SandboxFixture.Chat("openai/gpt-5.2"))).Status);
        fixture.Sandbox.Faults.Remove(fault);
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat("openai/gpt-5.2"))).Status);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task Disconnect_BilledOrNot_CutsBeforeHeaders(bool billed, int bookings)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Sandbox.Faults.Add(Route, SandboxFault.Disconnect(billed));

        await Assert.ThrowsAsync<HttpRequestException>(() => fixture.PostAsync(SandboxFixture.Chat()));

        Assert.Equal(bookings * Cost, fixture.Account.TotalUsage);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Truncate_Completion_SendsHalfAndBooksAll(bool stream)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Sandbox.Faults.Add(Route, SandboxFault.Truncate());
        using HttpResponseMessage response = await fixture.OpenAsync(HttpMethod.Post, "chat/completions", fixture.Sandbox.ApiKey, SandboxFixture.Chat(stream: stream), SandboxFixture.Cancelled);
        using MemoryStream received = new();

        Exception? cut = await Record.ExceptionAsync(() => response.Content.CopyToAsync(received, SandboxFixture.Cancelled));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotNull(cut);
        Assert.DoesNotContain("\"usage\"", System.Text.Encoding.UTF8.GetString(received.ToArray()), StringComparison.Ordinal);
        Assert.Equal(Cost, fixture.Account.TotalUsage);
        Assert.False(Assert.Single(fixture.Account.Generations).Aborted);
    }

    [Theory]
    [InlineData("chat/completions")]
    [InlineData("POST chat/completions")]
    [InlineData("")]
    public async Task Add_WithMisspelledRoute_Throws(string route)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Assert.Throws<ArgumentException>(() => fixture.Sandbox.Faults.Add(route, SandboxFault.Gate()));
    }

    [Fact]
    public async Task StreamError_AfterTwoChunks_EndsWithErrorAndBooksNothing()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.InFlightShare = 1m);
        fixture.Sandbox.Faults.Add(Route, SandboxFault.StreamError(502, "Provider disconnected", afterChunks: 2));

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(stream: true));

        Assert.Equal((200, 3), (reply.Status, reply.Events.Count));
        Assert.Equal((502, "Provider disconnected"), ((int)reply.Events[^1]["error"]!["code"]!, (string?)reply.Events[^1]["error"]!["message"]));
        Assert.Equal("error", (string?)reply.Events[^1]["choices"]![0]!["finish_reason"]);
        Assert.Equal(0m, fixture.Account.TotalUsage);
        Assert.Equal(0m, fixture.Account.Held);
    }

    [Fact]
    public async Task ErrorInBody_Always_IsTwoHundredWithoutChoices()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Sandbox.Faults.Add(Route, SandboxFault.ErrorInBody(502, "Upstream error"));

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat());

        Assert.StartsWith("\n         \n\n         \n{\"id\":\"gen-", reply.Body, StringComparison.Ordinal);
        Assert.Equal((200, 502, "Upstream error"), (reply.Status, (int)reply.Json["error"]!["code"]!, reply.Message));
        Assert.Null(reply.Json["choices"]);
        Assert.Equal(0m, fixture.Account.TotalUsage);
    }

    [Fact]
    public async Task Delay_OfAnswer_WaitsForTheClock()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Sandbox.Faults.Add("GET /key", SandboxFault.Delay(TimeSpan.FromSeconds(5)));
        Task<Reply> pending = fixture.GetAsync("key");
        await fixture.Clock.WaitForTimerAsync(SandboxFixture.Cancelled);
        bool early = pending.IsCompleted;

        fixture.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.False(early);
        Assert.Equal(200, (await pending).Status);
    }

    [Fact]
    public async Task Hang_UntilClientLeaves_BooksNothing()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxFault fault = fixture.Sandbox.Faults.Add(Route, SandboxFault.Hang());
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(SandboxFixture.Cancelled);
        Task<HttpResponseMessage> pending = fixture.OpenAsync(HttpMethod.Post, "chat/completions", fixture.Sandbox.ApiKey, SandboxFixture.Chat(), patience.Token);
        await SandboxFixture.UntilAsync(() => fault.Hits > 0);
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        Assert.Equal(0m, fixture.Account.TotalUsage);
    }

    [Fact]
    public async Task Dispose_WithHangingRequest_CutsIt()
    {
        SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxFault gate = fixture.Sandbox.Faults.Add("GET /key", SandboxFault.Gate());
        Task<Reply> pending = fixture.GetAsync("key");
        await gate.WaitUntilHeldAsync(1, SandboxFixture.Cancelled);

        await fixture.Sandbox.DisposeAsync();
        await fixture.Sandbox.DisposeAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => pending);
        Assert.Equal(0, gate.Held);
    }

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 16)]
    public async Task Stream_ClientLeavesAfterOneChunk_IsBilledByOption(bool inFull, int tokens)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.BillAbortedStreamsInFull = inFull);
        fixture.Sandbox.Faults.Add(Route, SandboxFault.ChunkDelay(TimeSpan.FromSeconds(1)));
        using (HttpResponseMessage response = await fixture.OpenAsync(HttpMethod.Post, "chat/completions", fixture.Sandbox.ApiKey, SandboxFixture.Chat(stream: true), SandboxFixture.Cancelled))
        {
            await fixture.Clock.WaitForTimerAsync(SandboxFixture.Cancelled);
        }

        await SandboxFixture.UntilAsync(() => fixture.Account.Generations.Count > 0);
        SandboxGeneration generation = Assert.Single(fixture.Account.Generations);
        Assert.Equal((true, tokens), (generation.Aborted, generation.CompletionTokens));
        Assert.Equal((6 * 0.00000015m) + (tokens * 0.0000006m), fixture.Account.TotalUsage);
    }
}
