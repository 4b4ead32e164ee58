using System.Net;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Snapshots;

/// <summary>When one figure is asked for, by which clock, and what a failure or a refusal makes of it.</summary>
public sealed class SharedReadingTests
{
    private static readonly TimeSpan KeepRefusalFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(31);
    private static readonly Freshness Usual = new(TimeSpan.FromSeconds(30), MaxAge, Timeout, AskTimeout);
    private static readonly TimeSpan PastMaxAge = MaxAge + TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PastFirstPause = TimeSpan.FromSeconds(2);

    private readonly ManualTimeProvider _clock = new();
    private int _asked;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(-3600, true)]
    [InlineData(-10, true)]
    [InlineData(10, true)]
    [InlineData(3600, true)]
    [InlineData(-1, false)]
    [InlineData(1, false)]
    public async Task GetAsync_WallClockWasSet_AsksAgainUnlessItWasOnlyCorrected(int seconds, bool asksAgain)
    {
        var shared = new SharedReading<string>(_clock);
        await AskAsync(shared, Known);

        _clock.SetWallClock(TimeSpan.FromSeconds(seconds));
        await AskAsync(shared, Known);

        Assert.Equal(asksAgain ? 2 : 1, _asked);
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public async Task GetAsync_WallClockWasSetAfterAFailure_PausesAsLongAsWithout(int seconds)
    {
        var shared = new SharedReading<string>(_clock);
        await AskAsync(shared, Failed(new InvalidOperationException("down")));
        _clock.SetWallClock(TimeSpan.FromSeconds(seconds));

        await AskAsync(shared, Known);
        Assert.Equal(1, _asked);
        _clock.Advance(PastFirstPause);
        var reading = await AskAsync(shared, Known);

        Assert.Equal(2, _asked);
        Assert.Equal(ReadingState.Known, reading.State);
    }

    [Theory]
    [InlineData(120, 120)]
    [InlineData(3600, 300)]
    public async Task GetAsync_ServerAsksToWait_IsNotAskedBeforeButBlindForMinutesAtMost(int retryAfter, int seconds)
    {
        var shared = new SharedReading<string>(_clock);
        var busy = new OpenRouterApiException("busy", HttpStatusCode.TooManyRequests) { RetryAfter = TimeSpan.FromSeconds(retryAfter) };
        await AskAsync(shared, Failed(busy));

        for (var second = 1; second < seconds; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Same(busy, (await AskAsync(shared, Known)).Fault);
        }

        Assert.Equal(1, _asked);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ReadingState.Known, (await AskAsync(shared, Known)).State);
    }

    [Fact]
    public async Task GetAsync_QuestionNeverEnds_IsReplacedAfterItsBound()
    {
        var shared = new SharedReading<string>(_clock);
        var never = new TaskCompletionSource<Reading<string>>().Task;
        var first = shared.GetAsync(() => Count(never), Usual, Cancellation).AsTask();
        await BillingClientKit.UntilAsync(() => _clock.PendingTimers == 2, "the question and its caller to wait");

        _clock.Advance(Timeout);
        Assert.IsType<TimeoutException>((await first).Fault);
        _clock.Advance(AskTimeout - Timeout - TimeSpan.FromSeconds(1));
        var second = shared.GetAsync(() => Count(never), Usual, Cancellation).AsTask();
        Assert.Equal(1, _asked);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ReadingState.Unavailable, (await second).State);
        _clock.Advance(PastFirstPause);

        Assert.Equal(ReadingState.Known, (await AskAsync(shared, Known)).State);
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task GetAsync_RefusedOnceAfterATrueFigure_IsAFaultUntilItIsRepeated()
    {
        var shared = new SharedReading<string>(_clock, KeepRefusalFor);
        var refused = new OpenRouterApiException("no", HttpStatusCode.Forbidden);
        await AskAsync(shared, Known);
        _clock.Advance(PastMaxAge);

        var once = await AskAsync(shared, Refused(refused));
        _clock.Advance(PastFirstPause);
        var twice = await AskAsync(shared, Refused(refused));

        Assert.Equal((ReadingState.Unavailable, refused), (once.State, once.Fault));
        Assert.Equal(ReadingState.NotPermitted, twice.State);
    }

    [Fact]
    public async Task GetAsync_RefusedWithATrueFigureBetween_IsAFaultEachTime()
    {
        var shared = new SharedReading<string>(_clock, KeepRefusalFor);
        for (var turn = 0; turn < 3; turn++)
        {
            await AskAsync(shared, Known);
            _clock.Advance(PastMaxAge);
            Assert.Equal(ReadingState.Unavailable, (await AskAsync(shared, Refused(null))).State);
            _clock.Advance(PastFirstPause);
        }
    }

    [Fact]
    public async Task GetAsync_RefusedFromTheStart_IsBelievedAndNotAskedAgainForLong()
    {
        var shared = new SharedReading<string>(_clock, KeepRefusalFor);

        Assert.Equal(ReadingState.NotPermitted, (await AskAsync(shared, Refused(null))).State);
        _clock.Advance(KeepRefusalFor - TimeSpan.FromSeconds(1));
        Assert.Equal(ReadingState.NotPermitted, (await AskAsync(shared, Known)).State);

        Assert.Equal(1, _asked);
    }

    // A key that is revoked works nowhere, so there is nothing to be gained by doubting it.
    [Fact]
    public async Task GetAsync_RefusalIsNotKept_IsBelievedAtOnce()
    {
        var shared = new SharedReading<string>(_clock);
        await AskAsync(shared, Known);
        _clock.Advance(PastMaxAge);

        Assert.Equal(ReadingState.NotPermitted, (await AskAsync(shared, Refused(null))).State);
    }

    // Whoever counts the questions is the app's, and what it throws must not be the answer for ever.
    [Fact]
    public async Task GetAsync_WhoIsToldThrows_AnswersAndAsksAgain()
    {
        var told = 0;
        var shared = new SharedReading<string>(_clock, onAnswered: _ => ThrowIf(++told == 1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(shared, Known));

        Assert.Equal(ReadingState.Known, (await AskAsync(shared, Known)).State);
        _clock.Advance(PastMaxAge);
        Assert.Equal(ReadingState.Known, (await AskAsync(shared, Known)).State);
        Assert.Equal((2, 2), (_asked, told));
    }

    [Fact]
    public async Task GetAsync_WantsNewerThanTheQuestionThatRunsWillBring_AsksOnceMore()
    {
        var shared = new SharedReading<string>(_clock);
        var borrowed = new TaskCompletionSource<Reading<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var content = shared.GetAsync(() => Count(borrowed.Task), Usual, Cancellation).AsTask();
        var close = shared.GetAsync(() => Count(Task.FromResult(Known(Instant.Now(_clock)))), Usual with { RefreshAfter = Timeout, MaxAge = Timeout }, Cancellation).AsTask();
        await BillingClientKit.UntilAsync(() => _asked == 1, "the question");

        borrowed.SetResult(Known(Instant.Now(_clock).Before(TimeSpan.FromSeconds(20), _clock)) with { IsBorrowed = true });

        Assert.True((await content).IsBorrowed);
        Assert.False((await close).IsBorrowed);
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task GetAsync_Borrowed_IsNotToldAsAQuestion()
    {
        var told = 0;
        var shared = new SharedReading<string>(_clock, onAnswered: _ => told++);

        await AskAsync(shared, askedAt => Known(askedAt) with { IsBorrowed = true });
        _clock.Advance(PastMaxAge);
        await AskAsync(shared, Known);

        Assert.Equal((2, 1), (_asked, told));
    }

    private static void ThrowIf(bool isFirst) => _ = isFirst ? throw new InvalidOperationException("listener") : isFirst;

    private static Reading<string> Known(Instant askedAt) => Reading<string>.Known("figure", askedAt);

    private static Func<Instant, Reading<string>> Failed(Exception fault) => askedAt => Reading<string>.Unavailable(askedAt, fault);

    private static Func<Instant, Reading<string>> Refused(Exception? fault) => askedAt => Reading<string>.NotPermitted(askedAt, fault);

    private async Task<Reading<string>> AskAsync(SharedReading<string> shared, Func<Instant, Reading<string>> answer) =>
        await shared.GetAsync(() => Count(Task.FromResult(answer(Instant.Now(_clock)))), Usual, Cancellation);

    private Task<Reading<string>> Count(Task<Reading<string>> answer)
    {
        Interlocked.Increment(ref _asked);
        return answer;
    }
}
