using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

public sealed class PollTurnTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private readonly ManualTimeProvider _clock = new();
    private readonly InMemorySharedState _state;

    public PollTurnTests() => _state = new InMemorySharedState(_clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryTakeAsync_ManyProcesses_OnePerInterval()
    {
        var taken = 0;
        for (var minute = 0; minute < 60; minute++)
        {
            var waits = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await Turn().TryTakeAsync(Interval, Token), Token)));
            taken += waits.Count(wait => wait == TimeSpan.Zero);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(12, taken);
    }

    [Fact]
    public async Task TryTakeAsync_NotDue_SaysWhenItWillBe()
    {
        await Turn().TryTakeAsync(Interval, Token);
        _clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(TimeSpan.FromMinutes(3), await Turn().TryTakeAsync(Interval, Token));
    }

    [Fact]
    public async Task TryTakeAsync_ClockThatIsSetBack_IsNotWaitedFor()
    {
        await using var database = new SharedDatabase();
        await using var ledger = database.Open(_clock);
        var (first, other) = (new PollTurn(ledger, "poll", _clock), new PollTurn(ledger, "poll", _clock));
        await first.TryTakeAsync(Interval, Token);
        _clock.SetWallClock(-TimeSpan.FromDays(365));

        var wait = await other.TryTakeAsync(Interval, Token);
        Assert.InRange(wait, TimeSpan.FromSeconds(1), Interval);
        _clock.Advance(Interval);

        Assert.Equal(TimeSpan.Zero, await other.TryTakeAsync(Interval, Token));
        Assert.Equal(Interval, await first.TryTakeAsync(Interval, Token));
    }

    [Fact]
    public async Task EndAsync_Failures_MakeAllPauseLongerUntilOneSucceeds()
    {
        var pauses = new List<TimeSpan>();
        for (var failure = 0; failure < 6; failure++)
        {
            Assert.Equal(TimeSpan.Zero, await Turn().TryTakeAsync(Interval, Token));
            await Turn().EndAsync(failed: true, Token);
            pauses.Add(await Turn().TryTakeAsync(Interval, Token));
            _clock.Advance(pauses[^1]);
        }

        Assert.Equal([10, 20, 40, 60, 60, 60], pauses.Select(pause => (int)pause.TotalMinutes));
        Assert.Equal(TimeSpan.Zero, await Turn().TryTakeAsync(Interval, Token));
        await Turn().EndAsync(failed: false, Token);
        Assert.Equal(Interval, await Turn().TryTakeAsync(Interval, Token));
    }

    [Fact]
    public async Task TryTakeAsync_ProcessThatEndsDuringItsTurn_LosesOneIntervalOnly()
    {
        await Turn().TryTakeAsync(Interval, Token);
        _clock.Advance(Interval);

        Assert.Equal(TimeSpan.Zero, await Turn().TryTakeAsync(Interval, Token));
    }

    private PollTurn Turn() => new(_state, "foresight/test/poll", _clock);
}
