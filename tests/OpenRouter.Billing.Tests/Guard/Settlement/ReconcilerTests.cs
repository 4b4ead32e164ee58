using System.Net;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

public sealed class ReconcilerTests
{
    private static readonly AsyncLocal<string?> Ambient = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Abandoned_WrittenDownLater_IsHeldInFullUntilThenAndBookedAtItsCost()
    {
        using var world = new ReconcilingStub { Look = _ => Task.FromResult(ReconcilingStub.Missing()) };
        await world.LeaveAsync(Bodies.ChatStream, read: 40, id: "gen-7", key: GuardedStub.OtherKey);
        foreach (var seconds in new[] { 1, 2, 4 })
        {
            Assert.InRange(await world.PauseAsync(), TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(1.25 * seconds));
            Assert.Equal((0m, 1), (world.Books.Booked, world.Books.Open));
            await world.NextLookAsync();
        }

        await world.PauseAsync();
        world.Look = _ => Task.FromResult(ReconcilingStub.Found());
        await world.NextLookAsync();
        await world.ReconciledAsync();

        Assert.Equal((ReconcilingStub.Cost, 0), (world.Books.Booked, world.Books.Open));
        Assert.All(world.Guarded.Stub.Requests.Where(request => request.Call.StartsWith(ReconcilingStub.Generation, StringComparison.Ordinal)), request => Assert.Equal(("GET generation?id=gen-7", GuardedStub.OtherKey), request));
        await world.NothingWaitsAsync();
        Assert.DoesNotContain(world.Guarded.Log.Entries, entry => entry.Event == "NotReconciled");
    }

    public static TheoryData<string, string, string, string?, string> OpenEnds => new()
    {
        { "chat stream, abandoned", Bodies.ChatStream, "text/event-stream", null, "gen-6" },
        { "responses stream, abandoned", Bodies.ResponsesStream[..120], "text/event-stream", null, "gen-9" },
        { "messages stream, abandoned", Bodies.MessagesStream[..160], "text/event-stream", null, "gen-10" },
        { "messages stream, its opening cost is not the last", Bodies.MessagesStream[..^160], "text/event-stream", null, "gen-10" },
        { "messages stream without cost", Bodies.MessagesStreamWithoutCost, "text/event-stream", "gen-m", "gen-m" },
        { "usage without cost", Bodies.NoCost, "application/json", null, "gen-5" },
        { "JSON, cut in its usage", Bodies.Chat[..^40], "application/json", null, "gen-1" },
        { "the header wins", Bodies.NoCost, "application/json", "gen-head", "gen-head" },
        { "sound", "RIFF", "audio/mpeg", "gen-tts-1", "gen-tts-1" },
    };

    [Theory]
    [MemberData(nameof(OpenEnds))]
    public async Task Ended_CostNotKnownButAnId_AsksForIt(string what, string body, string contentType, string? header, string id)
    {
        using var world = new ReconcilingStub();
        var read = what.StartsWith("chat stream", StringComparison.Ordinal) ? body.IndexOf("\n\ndata", body.IndexOf("gen-6", StringComparison.Ordinal), StringComparison.Ordinal) : int.MaxValue;

        await world.LeaveAsync(body, contentType, read, header);
        await world.NextLookAsync();
        await world.ReconciledAsync();

        Assert.Equal("GET generation?id=" + id, world.Guarded.Stub.Requests.Last().Call);
        Assert.Equal(ReconcilingStub.Cost, world.Books.Booked);
    }

    [Theory]
    [InlineData(HttpStatusCode.RequestTimeout, null)]
    [InlineData(HttpStatusCode.GatewayTimeout, null)]
    [InlineData((HttpStatusCode)524, null)]
    [InlineData(HttpStatusCode.BadGateway, """{"model":"a/b","plugins":[{"id":"web"}]}""")]
    public async Task Watch_StatusLeavesOpenWhetherItWasServed_AsksForTheIdInTheHead(HttpStatusCode status, string? request)
    {
        using var world = new ReconcilingStub();
        world.Guarded.Answer = () =>
        {
            var answer = StubHandler.Json("""{"error":{"code":1}}""", status);
            answer.Headers.Add("X-Generation-Id", "gen-9");
            return answer;
        };
        using var message = GuardedStub.Request();
        message.Content = request is null ? message.Content : new StringContent(request);

        (await world.Guarded.Http.SendAsync(message, Cancellation)).Dispose();
        await world.NextLookAsync();
        await world.ReconciledAsync();

        Assert.Equal(ReconcilingStub.Cost, world.Books.Booked);
    }

    [Fact]
    public async Task NeverWrittenDown_TimeIsOver_IsBookedAtTheClaim()
    {
        using var world = new ReconcilingStub { Look = _ => Task.FromResult(ReconcilingStub.Missing()) };
        var started = world.Clock.GetUtcNow();
        await world.LeaveAsync(Bodies.NoCost, "application/json");
        while (world.Books.Open == 1)
        {
            var pause = await world.PauseAsync();
            var looks = world.Looks;
            world.Clock.Advance(pause);
            await BillingClientKit.UntilAsync(() => world.Looks > looks || world.Books.Open == 0, "a look or the end");
        }

        await world.ReconciledAsync();
        Assert.Equal(ReconcilingStub.Claim, world.Books.Booked);
        Assert.Equal(TimeSpan.FromMinutes(5), world.Clock.GetUtcNow() - started);
        Assert.InRange(world.Looks, 10, 14);
        Assert.Contains(world.Guarded.Log.Entries, entry => entry.Event == "NotReconciled" && entry.Text.Contains("in time", StringComparison.Ordinal));
        await world.NothingWaitsAsync();
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task Look_QuestionIsRefused_GivesUpAtOnce(HttpStatusCode status)
    {
        using var world = new ReconcilingStub { Look = _ => Task.FromResult(StubHandler.Json("""{"error":{"code":401,"message":"User not found."}}""", status)) };
        await world.LeaveAsync(Bodies.NoCost, "application/json");

        await world.NextLookAsync();
        await world.ReconciledAsync();

        Assert.Equal((1, ReconcilingStub.Claim), (world.Looks, world.Books.Booked));
        var entry = Assert.Single(world.Guarded.Log.Entries, entry => entry.Event == "NotReconciled");
        Assert.DoesNotContain("sk-or-", entry.Text, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<HttpResponseMessage>, int> PassingFaults => new()
    {
        { "429", () => StubHandler.Json("{}", HttpStatusCode.TooManyRequests), 2 },
        { "429 with a wait", () => Waiting("70"), 70 },
        { "429 with a short wait", () => Waiting("1"), 2 },
        { "402", () => StubHandler.Json("{}", HttpStatusCode.PaymentRequired), 2 },
        { "502", () => StubHandler.Json("{}", HttpStatusCode.BadGateway), 2 },
        { "unreadable", () => StubHandler.Json("<html>"), 2 },
        { "without a cost", () => StubHandler.Json("""{"data":{"id":"gen-1","total_cost":null}}"""), 2 },
        { "connection", () => throw new HttpRequestException("down"), 2 },
    };

    [Theory]
    [MemberData(nameof(PassingFaults))]
    public async Task Look_PassingFault_LooksAgainAfterTheWait(string what, Func<HttpResponseMessage> fault, int seconds)
    {
        using var world = new ReconcilingStub { Look = _ => Task.FromResult(fault()) };
        await world.LeaveAsync(Bodies.NoCost, "application/json");
        await world.NextLookAsync();

        Assert.InRange(await world.PauseAsync(), TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds * 1.25));
        world.Look = _ => Task.FromResult(ReconcilingStub.Found());
        await world.NextLookAsync();
        await world.ReconciledAsync();

        Assert.True(ReconcilingStub.Cost == world.Books.Booked, what);
    }

    [Fact]
    public async Task Look_ServerNeverAnswers_IsGivenUpWithTheTime()
    {
        using var world = new ReconcilingStub(options => options.Guard.ReconcileFor = TimeSpan.FromSeconds(30)) { Look = async cancellationToken => { await Task.Delay(Timeout.Infinite, cancellationToken); return null!; } };
        await world.LeaveAsync(Bodies.NoCost, "application/json");
        await world.NextLookAsync();
        while (world.Books.Open == 1)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await world.ReconciledAsync();
        Assert.Equal(ReconcilingStub.Claim, world.Books.Booked);
    }

    // An app's handler may honour no token, and must not keep its turn for ever.
    [Fact]
    public async Task Look_HandlerNeverReturns_IsGivenUpWithTheTimeAndOthersAreStillAsked()
    {
        using var world = new ReconcilingStub(options => options.Guard.ReconcileFor = TimeSpan.FromSeconds(30)) { Look = _ => new TaskCompletionSource<HttpResponseMessage>().Task };
        for (var question = 0; question < 4; question++)
        {
            await world.LeaveAsync(Bodies.NoCost, "application/json");
        }

        await BillingClientKit.UntilAsync(
            () =>
            {
                world.Clock.Advance(TimeSpan.FromMilliseconds(100));
                return world.Books.Open == 0;
            },
            "all to be given up");
        await world.ReconciledAsync();
        // The bounds of the calls that never return.
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        world.Look = _ => Task.FromResult(ReconcilingStub.Found());
        await world.LeaveAsync(Bodies.NoCost, "application/json");
        await world.NextLookAsync();
        await world.ReconciledAsync();
        Assert.Equal((4 * ReconcilingStub.Claim) + ReconcilingStub.Cost, world.Books.Booked);
    }

    // Settings that were edited while the app runs may fail in any way; the answer is the caller's all the same.
    [Fact]
    public async Task Ended_OptionsCannotBeBuiltAnyMore_BooksTheClaim()
    {
        var options = TestData.Options();
        var areBroken = false;
        var books = new InMemoryBillingLedger();
        using var stub = new StubHandler()
            .On("GET key", () => StubHandler.Json(TestData.KeyBody))
            .On("GET credits", () => StubHandler.Json(TestData.CreditsBody))
            .On(GuardedStub.Chat, () => GuardedClient.Answer(Bodies.NoCost));
        using var billing = new HttpClient(stub, disposeHandler: false);
        var witness = new WitnessLedger(books);
        var guard = new BillingGuard(() => billing, () => areBroken ? throw new InvalidOperationException("No such setting.") : options, new() { Ledger = witness });
        using var http = new HttpClient(new BillingGuardHandler(guard, options) { InnerHandler = stub }) { BaseAddress = options.BaseAddress };
        using var response = await http.SendAsync(GuardedStub.Request(), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        areBroken = true;

        Assert.Equal(Bodies.NoCost, await response.Content.ReadAsStringAsync(Cancellation));

        await BillingClientKit.UntilAsync(() => witness.Open == 0, "the booking");
        Assert.Equal(ReconcilingStub.Claim, witness.Booked);
    }

    [Fact]
    public async Task ReconcileFor_Zero_BooksTheClaimAndAsksNothing()
    {
        using var world = new ReconcilingStub(options => options.Guard.ReconcileFor = TimeSpan.Zero);

        await world.LeaveAsync(Bodies.NoCost, "application/json");

        await BillingClientKit.UntilAsync(() => world.Books.Open == 0, "the booking");
        await world.NothingWaitsAsync();
        Assert.Equal((ReconcilingStub.Claim, 0), (world.Books.Booked, world.Looks));
    }

    [Fact]
    public async Task Ended_NoIdAnywhere_BooksTheClaimAndAsksNothing()
    {
        using var world = new ReconcilingStub();

        await world.LeaveAsync("data: {\"choices\":[]}\n\n");

        await BillingClientKit.UntilAsync(() => world.Books.Open == 0, "the booking");
        Assert.Equal((ReconcilingStub.Claim, 0), (world.Books.Booked, world.Looks));
    }

    [Fact]
    public async Task Ended_FreeModel_AsksNothing()
    {
        using var world = new ReconcilingStub();

        await world.LeaveAsync(Bodies.NoCost, "application/json", request: """{"model":"a/b:free","messages":[{"role":"user","content":"hello"}]}""");

        await BillingClientKit.UntilAsync(() => world.Books.Open == 0, "the booking");
        await world.NothingWaitsAsync();
        Assert.Equal((0m, 0), (world.Books.Booked, world.Looks));
    }

    [Fact]
    public async Task Reconciled_Byok_IsBookedWhereItCounts()
    {
        using var world = new ReconcilingStub { Look = _ => Task.FromResult(ReconcilingStub.Found(0.001m, ""","is_byok":true,"upstream_inference_cost":0.02""")) };
        world.Guarded.KeyBody = world.Guarded.KeyBody.Replace("\"limit\":null,\"limit_remaining\":null", "\"limit\":5,\"limit_remaining\":4,\"include_byok_in_limit\":true", StringComparison.Ordinal);

        await world.LeaveAsync(Bodies.NoCost, "application/json");
        await world.NextLookAsync();
        await world.ReconciledAsync();

        Assert.Equal((0.001m, 0.021m), (world.Books.Booked, world.Books.BookedWithByok));
    }

    [Fact]
    public async Task Reconciled_OrdinaryRecordThatRepeatsItsCost_IsNotBookedTwice()
    {
        using var world = new ReconcilingStub { Look = _ => Task.FromResult(ReconcilingStub.Found(0.001m, ""","is_byok":false,"upstream_inference_cost":0.001""")) };

        await world.LeaveAsync(Bodies.NoCost, "application/json");
        await world.NextLookAsync();
        await world.ReconciledAsync();

        Assert.Equal((0.001m, 0.001m), (world.Books.Booked, world.Books.BookedWithByok));
    }

    [Fact]
    public async Task Open_MoreThanAThousand_BooksTheRestAtTheClaimAtOnceAndAsksFourAtATime()
    {
        var answers = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var world = new ReconcilingStub(options => options.AttemptTimeout = options.TotalTimeout = TimeSpan.FromHours(1));
        world.Guarded.CreditsBody = """{"data":{"total_credits":1000,"total_usage":0}}""";
        world.Look = async _ => { await answers.Task; return ReconcilingStub.Found(); };
        for (var count = 0; count < 1003; count++)
        {
            await world.LeaveAsync(Bodies.NoCost, "application/json");
        }

        await BillingClientKit.UntilAsync(() => world.Clock.PendingTimers == 2000 && world.Books.Open == 1000, "a thousand open questions");
        Assert.Equal(3 * ReconcilingStub.Claim, world.Books.Booked);
        Assert.Equal(3, world.Guarded.Log.Entries.Count(entry => entry.Event == "NotReconciled"));

        world.Clock.Advance(TimeSpan.FromSeconds(2));
        await BillingClientKit.UntilAsync(() => world.Looks == 4, "four looks");
        // The bound of each question, and those of the four calls: nobody else has begun one.
        await BillingClientKit.UntilAsync(() => world.Clock.PendingTimers == 1000 + 8, "all others to wait for their turn");
        Assert.Equal(4, world.Looks);
        answers.SetResult(true);
        await world.ReconciledAsync();

        Assert.Equal(1000, world.Looks);
        Assert.Equal((3 * ReconcilingStub.Claim) + (1000 * ReconcilingStub.Cost), world.Books.Booked);
    }

    [Fact]
    public async Task Look_CallersContext_IsNotTakenAlong()
    {
        string? seen = "nothing yet";
        using var world = new ReconcilingStub();
        world.Look = _ => { seen = Ambient.Value; return Task.FromResult(ReconcilingStub.Found()); };
        Ambient.Value = "the request's";

        await world.LeaveAsync(Bodies.NoCost, "application/json");
        await Task.Run(world.NextLookAsync, Cancellation);
        await world.ReconciledAsync();

        Assert.Null(seen);
    }

    [Fact]
    public async Task ReconcileAsync_ByHand_AsksInTheBackground()
    {
        using var world = new ReconcilingStub();
        var lease = await world.Guarded.Guard.ReserveAsync(new BillableRequest { Model = "a/b", ApiKey = GuardedStub.OtherKey }, Cancellation);

        await lease.ReconcileAsync("gen-1", Cancellation);
        Assert.Equal(1, world.Books.Open);
        await world.NextLookAsync();
        await world.ReconciledAsync();

        Assert.Equal(ReconcilingStub.Cost, world.Books.Booked);
        Assert.Equal(GuardedStub.OtherKey, world.Guarded.Stub.Requests.Last().Key);
        await Assert.ThrowsAsync<ArgumentException>(async () => await lease.ReconcileAsync(" ", Cancellation));
    }

    [Fact]
    public async Task ReconcileAsync_LeaseWithoutAGuard_BooksTheClaim()
    {
        var guard = new LeasingGuard();
        var lease = await guard.ReserveAsync(new BillableRequest(), Cancellation);

        await lease.ReconcileAsync("gen-1", Cancellation);

        Assert.Equal((LeasingGuard.ClaimedNanoDollars, 0), guard.Money);
    }

    private static HttpResponseMessage Waiting(string seconds)
    {
        var answer = StubHandler.Json("{}", HttpStatusCode.TooManyRequests);
        answer.Headers.Add("Retry-After", seconds);
        return answer;
    }
}
