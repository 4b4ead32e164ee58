using System.Globalization;
using System.Net;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Snapshots;

/// <summary>How often figures are read: seldom far from every limit, first close to one, and once however many ask.</summary>
public sealed class HeadroomTests
{
    private const int Many = 10_000;

    private static readonly BillableRequest Paid = new() { Model = GuardedStub.PaidModel };
    private static readonly BillableRequest Free = new() { Model = GuardedStub.FreeModel };
    private static readonly TimeSpan TooOldToBeClose = TimeSpan.FromSeconds(6);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1000, 1, 1000)]
    [InlineData(1000, 300, 3)]
    [InlineData(0, 1, 0)]
    [InlineData(-5, 1, -5)]
    [InlineData(1000, 0, long.MaxValue)]
    public void Of_ClaimOnAFigureOfTheServers_IsHowManySuchRequestsFit(long capacity, long amount, long requests) =>
        Assert.Equal(requests, Headroom.Of([Read("a", amount, capacity)]).Requests);

    [Fact]
    public void Of_SeveralClaims_IsTheTightestOfThoseThatReadingAgainMayChange() =>
        Assert.Equal(20, Headroom.Of([Read("a", 1, 500), Claims.Money("own", 1, 3, default), Read("b", 5, 100)]).Requests);

    [Fact]
    public void Of_NoClaims_IsFar() => Assert.True(Headroom.Of([]).IsFar);

    [Theory]
    [InlineData(1000, 150, 4)]
    [InlineData(10, 30, 20)]
    [InlineData(0.2, 5, 100)]
    public async Task EvaluateAsync_OnceASecondForTenMinutes_ReadsTheMoreOftenTheCloserTheLimit(double balance, int longestAge, int readings)
    {
        using var world = new GuardedStub { CreditsBody = Credits((decimal)balance) };
        var (expected, age) = (1, 0);

        for (var second = 0; second < 600; second++)
        {
            if (age > longestAge)
            {
                (expected, age) = (expected + 1, 0);
            }

            Assert.True((await world.Guard.EvaluateAsync(Paid, Cancellation)).IsAllowed);
            await BillingClientKit.UntilAsync(() => world.Stub.Count("GET credits") >= expected && world.Stub.Count("GET key") >= expected, "the figures to be read");
            await world.AdvanceAsync(TimeSpan.FromSeconds(1));
            age++;
        }

        Assert.Equal((readings, readings), (world.Stub.Count("GET credits"), world.Stub.Count("GET key")));
    }

    [Fact]
    public async Task ReserveAsync_CloseToALimitThatOthersHaveSpent_ReadsFirstAndRefuses()
    {
        using var world = new GuardedStub { CreditsBody = Credits(0.3m) };
        Assert.True((await world.Guard.EvaluateAsync(Paid, Cancellation)).IsAllowed);
        world.CreditsBody = Credits(0.01m);

        await world.AdvanceAsync(TooOldToBeClose);

        await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await world.Guard.ReserveAsync(Paid, Cancellation));
        Assert.Equal(2, world.Stub.Count("GET credits"));
    }

    [Fact]
    public async Task ReserveAsync_CloseButTheFiguresAreNew_ReadsNothing()
    {
        using var world = new GuardedStub { CreditsBody = Credits(0.3m) };
        await world.Guard.EvaluateAsync(Paid, Cancellation);

        await world.AdvanceAsync(world.Options.Guard.MaxRefusalReadingAge);
        await world.Guard.ReserveAsync(Paid, Cancellation);

        Assert.Equal(1, world.Stub.Count("GET credits"));
    }

    [Fact]
    public async Task ReserveAsync_CloseAndTheFiguresCannotBeReadAnew_TheOldOnesDecide()
    {
        using var world = new GuardedStub { CreditsBody = Credits(0.12m) };
        await world.Guard.EvaluateAsync(Paid, Cancellation);
        await world.AdvanceAsync(TooOldToBeClose);
        world.Stub.On("GET credits", () => StubHandler.Json("{}", HttpStatusCode.InternalServerError));

        await world.Guard.ReserveAsync(Paid, Cancellation);
        await world.Guard.ReserveAsync(Paid, Cancellation);

        await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await world.Guard.ReserveAsync(Paid, Cancellation));
    }

    [Fact]
    public async Task ReserveAsync_CloseAndNoAnswerComes_WaitsNoLongerThanItsBound()
    {
        using var world = new GuardedStub { CreditsBody = Credits(0.12m) };
        await world.Guard.EvaluateAsync(Paid, Cancellation);
        await world.AdvanceAsync(TooOldToBeClose);
        var gate = new Gate(world, "GET credits");

        var asked = world.Guard.ReserveAsync(Paid, Cancellation).AsTask();
        await gate.WaitAsync();
        Assert.False(asked.IsCompleted);
        world.Clock.Advance(world.Options.Guard.ReadingTimeout);

        Assert.NotNull(await asked);
    }

    [Fact]
    public async Task EvaluateAsync_CloseToALimitThatIsCountedHereOnly_ReadsNothing()
    {
        using var world = new GuardedStub(options => options.Guard.FreeRequestsPerMinute = 3);
        await world.Guard.EvaluateAsync(Free, Cancellation);

        await world.AdvanceAsync(TooOldToBeClose);
        await world.Guard.EvaluateAsync(Free, Cancellation);

        Assert.Equal((1, 1), (world.Stub.Count("GET key"), world.Stub.Count("GET credits")));
    }

    [Fact]
    public async Task EvaluateAsync_FewFreeRequestsLeftByTheServersCount_ReadsFirst()
    {
        using var world = new GuardedStub { KeyBody = TestData.KeyBody.Replace("\"remaining\":48", "\"remaining\":4", StringComparison.Ordinal) };
        await world.Guard.EvaluateAsync(Free, Cancellation);

        await world.AdvanceAsync(TooOldToBeClose);
        await world.Guard.EvaluateAsync(Free, Cancellation);

        Assert.Equal(2, world.Stub.Count("GET key"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task ReserveAsync_ThousandsAtOnceFromCold_AskOneQuestionEach(int oneInSoManyGivesUp)
    {
        using var world = new GuardedStub { CreditsBody = Credits(1_000_000) };
        var (credits, key) = (new Gate(world, "GET credits"), new Gate(world, "GET key"));
        using var impatience = new CancellationTokenSource();

        var asked = Enumerable.Range(0, Many)
            .Select(number => world.Guard.ReserveAsync(Paid, oneInSoManyGivesUp > 0 && number % oneInSoManyGivesUp == 0 ? impatience.Token : Cancellation).AsTask())
            .ToList();
        await Task.WhenAll(credits.WaitAsync(), key.WaitAsync());
        await impatience.CancelAsync();
        credits.Open();
        key.Open();
        await ((Task)Task.WhenAll(asked)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        var gaveUp = oneInSoManyGivesUp == 0 ? 0 : (Many + oneInSoManyGivesUp - 1) / oneInSoManyGivesUp;
        Assert.Equal((gaveUp, Many - gaveUp), (asked.Count(task => task.IsCanceled), asked.Count(task => task.IsCompletedSuccessfully)));
        Assert.Equal((1, 1), (world.Stub.Count("GET credits"), world.Stub.Count("GET key")));
    }

    [Fact]
    public async Task ReserveAsync_ThousandsAtOnceCloseToALimitWithOldFigures_AskOnceMoreEach()
    {
        using var world = new GuardedStub { CreditsBody = Credits(0.3m) };
        await world.Guard.EvaluateAsync(Paid, Cancellation);
        await world.AdvanceAsync(TooOldToBeClose);
        world.CreditsBody = Credits(0.2m);
        var (credits, key) = (new Gate(world, "GET credits"), new Gate(world, "GET key"));

        var asked = Enumerable.Range(0, Many).Select(_ => world.Guard.ReserveAsync(Paid, Cancellation).AsTask()).ToList();
        await Task.WhenAll(credits.WaitAsync(), key.WaitAsync());
        credits.Open();
        key.Open();
        await ((Task)Task.WhenAll(asked)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        Assert.Equal((4, Many - 4), (asked.Count(task => task.IsCompletedSuccessfully), asked.Count(task => task.Exception?.InnerException is InsufficientCreditsException)));
        Assert.Equal((2, 2), (world.Stub.Count("GET credits"), world.Stub.Count("GET key")));
    }

    private static LimitClaim Read(string limit, long amount, long capacity) => Claims.Money(limit, amount, capacity, default) with { IsFromReading = true };

    private static string Credits(decimal balance) => string.Create(CultureInfo.InvariantCulture, $$$"""{"data":{"total_credits":{{{balance + 1}}},"total_usage":1}}""");

    /// <summary>Holds the answers to one question back.</summary>
    private sealed class Gate
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Gate(GuardedStub world, string call) => world.Stub.On(call, async (_, cancellationToken) =>
        {
            _asked.TrySetResult();
            await _open.Task.WaitAsync(cancellationToken);
            return StubHandler.Json(call == "GET key" ? world.KeyBody : world.CreditsBody);
        });

        public Task WaitAsync() => _asked.Task.WaitAsync(BillingClientKit.Patience, Cancellation);

        public void Open() => _open.SetResult();
    }
}
