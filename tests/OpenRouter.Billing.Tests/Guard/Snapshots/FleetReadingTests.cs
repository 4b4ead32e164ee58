using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Snapshots;

/// <summary>Many processes ask for one figure as one, and none is worse off than alone.</summary>
public sealed class FleetReadingTests
{
    private const string Name = "figures/1/balance/key/hash";

    private static readonly TimeSpan PollFor = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan KeepRefusalFor = TimeSpan.FromHours(1);
    private static readonly Freshness Usual = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(35));
    private static readonly Freshness Close = Usual with { RefreshAfter = TimeSpan.FromSeconds(5), MaxAge = TimeSpan.FromSeconds(5) };
    private static readonly CreditBalance Credits = new() { TotalCredits = 10.000000001m, TotalUsage = 0.5m };

    private readonly ManualTimeProvider _clock = new();
    private readonly InMemorySharedState _state;
    private int _asked;

    public FleetReadingTests() => _state = new InMemorySharedState(_clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetAsync_AnotherWasToldLately_TakesItForAtLeastAsOldAsItIs()
    {
        var askedAt = _clock.GetUtcNow();
        await Process().GetAsync(Name, Known, Usual);
        _clock.Advance(TimeSpan.FromSeconds(10));

        var reading = await Process().GetAsync(Name, Known, Usual);

        Assert.Equal(1, _asked);
        Assert.Equal((ReadingState.Known, Credits, true), (reading.State, reading.Value, reading.IsBorrowed));
        Assert.InRange(reading.AskedAt, askedAt - PollFor, askedAt);
        Assert.False(reading.IsYoungerThan(TimeSpan.FromSeconds(9.9), _clock));
        Assert.True(reading.IsYoungerThan(TimeSpan.FromSeconds(12), _clock));
    }

    // The writing arrives late: what it says would be wrong by so much, if it had not been written over a note with an end.
    [Fact]
    public async Task GetAsync_AnswerIsWrittenLate_IsNeverTakenForYoungerThanItIs()
    {
        var slow = new SlowState(_state);
        var writer = Process(slow);
        slow.HoldsWritesAfter = 1;
        var asking = writer.GetAsync(Name, Known, Usual);
        await asking;
        _clock.Advance(PollFor + TimeSpan.FromSeconds(10));
        slow.LetGo();
        await slow.IdleAsync();

        var reading = await Process().GetAsync(Name, Known, Usual);

        Assert.False(reading.IsBorrowed);
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task GetAsync_SlowAnswer_IsSharedWithItsTrueAge()
    {
        var askedAt = _clock.GetUtcNow();
        var asker = Process();
        await asker.GetAsync(Name, () => AnswerAfter(TimeSpan.FromSeconds(8)), Usual);

        var reading = await Process().GetAsync(Name, Known, Usual);

        Assert.Equal((1, true), (_asked, reading.IsBorrowed));
        Assert.InRange(reading.AskedAt, askedAt - PollFor, askedAt);
    }

    [Theory]
    [InlineData(27, 1)]
    [InlineData(29, 2)]
    [InlineData(3600, 2)]
    public async Task GetAsync_OlderThanWanted_AsksAnew(int seconds, int asked)
    {
        await Process().GetAsync(Name, Known, Usual);
        _clock.Advance(TimeSpan.FromSeconds(seconds));

        await Process().GetAsync(Name, Known, Usual);

        Assert.Equal(asked, _asked);
    }

    [Fact]
    public async Task GetAsync_TheSameFigureAgain_IsNoNewOne()
    {
        await Process().GetAsync(Name, Known, Usual);
        var process = Process();
        await process.GetAsync(Name, Known, Usual);

        await process.GetAsync(Name, Known, Usual);

        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task GetAsync_ManyAtOnce_OneAsksAndAllAreTold()
    {
        var answer = new TaskCompletionSource<Reading<CreditBalance>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = Enumerable.Range(0, 20).Select(_ => Process().GetAsync(Name, () => Count(answer.Task), Usual)).ToArray();
        await BillingClientKit.UntilAsync(() => Volatile.Read(ref _asked) == 1 && _clock.PendingTimers == all.Length - 1, "one to ask and the others to wait");

        answer.SetResult(Reading<CreditBalance>.Known(Credits, Instant.Now(_clock)));
        var readings = await AdvanceUntilAsync(Task.WhenAll(all), PollFor / 2);

        Assert.Equal(1, _asked);
        Assert.All(readings, reading => Assert.Equal(Credits, reading.Value));
        Assert.Equal(all.Length - 1, readings.Count(reading => reading.IsBorrowed));
    }

    [Fact]
    public async Task GetAsync_TheAskerDies_OneOfTheOthersTakesOver()
    {
        _ = Process().GetAsync(Name, () => Count(new TaskCompletionSource<Reading<CreditBalance>>().Task), Usual);
        var others = Enumerable.Range(0, 5).Select(_ => Process().GetAsync(Name, Known, Usual)).ToArray();

        await AdvanceUntilAsync(Task.WhenAll(others), TimeSpan.FromSeconds(3));

        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task GetAsync_TheAskerIsSlow_OthersWaitNoLongerThanHalfOfWhatTheirCallersDo()
    {
        _ = Process().GetAsync(Name, () => Count(new TaskCompletionSource<Reading<CreditBalance>>().Task), Usual);
        var since = _clock.GetUtcNow();

        var reading = await AdvanceUntilAsync(Process().GetAsync(Name, Known, Usual with { Timeout = TimeSpan.FromSeconds(1) }), TimeSpan.FromSeconds(1));

        Assert.False(reading.IsBorrowed);
        Assert.InRange(_clock.GetUtcNow() - since, TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public async Task GetAsync_TheAskerCouldNotBeTold_TheNextAsksAtOnceForItself()
    {
        var failed = await Process().GetAsync(Name, () => Count(Task.FromResult(Reading<CreditBalance>.Unavailable(_clock, new TimeoutException("no")))), Usual);
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => Process().GetAsync(Name, () => Count(Task.FromException<Reading<CreditBalance>>(new InvalidOperationException("bug"))), Usual));

        var reading = await Process().GetAsync(Name, Known, Usual);

        Assert.Equal((ReadingState.Unavailable, "bug", ReadingState.Known, 3), (failed.State, thrown.Message, reading.State, _asked));
    }

    [Fact]
    public async Task GetAsync_Zeros_AreToldAsZerosAndNotAsNothing()
    {
        var zeros = new CreditBalance { TotalCredits = 0, TotalUsage = 0 };
        await Process().GetAsync(Name, () => Task.FromResult(Reading<CreditBalance>.Known(zeros, Instant.Now(_clock))), Usual);

        Assert.Equal((ReadingState.Known, zeros), await StateAndValueAsync(Process()));
    }

    [Fact]
    public async Task GetAsync_RefusedFromTheStart_IsToldForAsLongAsARefusalHolds()
    {
        await Process().GetAsync(Name, Refused, Usual);
        _clock.Advance(TimeSpan.FromMinutes(50));

        Assert.Equal((ReadingState.NotPermitted, null), await StateAndValueAsync(Process()));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal((ReadingState.Known, Credits), await StateAndValueAsync(Process()));
    }

    [Fact]
    public async Task GetAsync_RefusedAfterTrueFigures_IsToldOthersOnlyWhenRepeated()
    {
        var process = Process();
        await process.GetAsync(Name, Known, Usual);
        _clock.Advance(TimeSpan.FromMinutes(1));

        await process.GetAsync(Name, Refused, Usual);
        var afterOne = await Process().GetAsync(Name, Known, Close);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await process.GetAsync(Name, Refused, Close);
        var afterTwo = await Process().GetAsync(Name, Known, Close);

        Assert.Equal((ReadingState.Known, false), (afterOne.State, afterOne.IsBorrowed));
        Assert.Equal((ReadingState.NotPermitted, true), (afterTwo.State, afterTwo.IsBorrowed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("garbage")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"by":"x","older_milliseconds":-1,"balance":{"total_credits":1,"total_usage":0}}""")]
    [InlineData("""{"by":"x","older_milliseconds":9223372036854775807,"balance":{"total_credits":1,"total_usage":0}}""")]
    [InlineData("""{"by":"x","older_milliseconds":1,"balance":{"total_credits":1}}""")]
    [InlineData("""{"by":"x","older_milliseconds":1,"balance":{"total_credits":"1e400","total_usage":0}}""")]
    [InlineData("""{"by":"x","older_milliseconds":1,"is_refused":false}""")]
    public async Task GetAsync_NonsenseIsKept_AsksAndWritesOverIt(string text)
    {
        await _state.TryWriteAsync(Name, text, 0, cancellationToken: Cancellation);

        await AdvanceUntilAsync(Process().GetAsync(Name, Known, Usual), TimeSpan.FromSeconds(3));
        await Process().GetAsync(Name, Known, Usual);

        Assert.Equal(1, _asked);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public async Task GetAsync_AgeThatCannotBe_AsksForItself(long ticks)
    {
        var state = new ScriptedState { Value = new SharedValue("""{"by":"x","older_milliseconds":1,"balance":{"total_credits":1,"total_usage":0}}""", 7, TimeSpan.FromTicks(ticks)) };

        var reading = await AdvanceUntilAsync(Process(state).GetAsync(Name, Known, Usual), TimeSpan.FromSeconds(3));

        Assert.Equal(Credits, reading.Value);
    }

    // Of a store that says yes to all, or forgets, or always has somebody asking, nothing is to be had but one's own question.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetAsync_StoreThatLies_AsksForItselfInTime(bool writes)
    {
        var state = new ScriptedState { Writes = writes, Value = new SharedValue("""{"by":"x"}""", 7, TimeSpan.Zero) };

        Assert.Equal(Credits, (await AdvanceUntilAsync(Process(state).GetAsync(Name, Known, Usual), TimeSpan.FromSeconds(3))).Value);
        state.Value = null;
        Assert.Equal(Credits, (await AdvanceUntilAsync(Process(state).GetAsync(Name, Known, Usual), TimeSpan.FromSeconds(3))).Value);
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task GetAsync_StoreIsDown_AsksForItselfAndLeavesTheStoreAloneForAWhile()
    {
        var state = new ScriptedState { Fault = new InvalidOperationException("down") };
        var process = Process(state);
        await process.GetAsync(Name, Known, Usual);
        await process.GetAsync(Name, Known, Usual);
        var calls = state.Calls;
        state.Fault = null;
        _clock.Advance(TimeSpan.FromSeconds(11));
        state.Value = new SharedValue("""{"by":"x","older_milliseconds":1,"balance":{"total_credits":1,"total_usage":0}}""", 7, TimeSpan.Zero);

        var reading = await process.GetAsync(Name, Known, Usual);

        Assert.Equal((1, 2, true), (calls, _asked, reading.IsBorrowed));
    }

    [Fact]
    public async Task GetAsync_StoreNeverAnswers_AsksForItselfAfterASecond()
    {
        var state = new ScriptedState { Answers = false };
        var since = _clock.GetUtcNow();

        var reading = await AdvanceUntilAsync(Process(state).GetAsync(Name, Known, Usual), TimeSpan.FromSeconds(2));

        Assert.Equal(Credits, reading.Value);
        Assert.InRange(_clock.GetUtcNow() - since, TimeSpan.Zero, TimeSpan.FromSeconds(1.1));
    }

    [Fact]
    public async Task GetAsync_StoreIsDown_TellsTheLogOncePerOutage()
    {
        var state = new ScriptedState { Fault = new InvalidOperationException("down") };
        var logger = new RecordingLogger<BillingGuard>();
        var process = Process(state, logger);
        for (var turn = 0; turn < 3; turn++)
        {
            await process.GetAsync(Name, Known, Usual);
            _clock.Advance(TimeSpan.FromSeconds(11));
        }

        var told = Assert.Single(logger.Entries);
        Assert.Equal((LogLevel.Warning, "SharedStateUnavailable"), (told.Level, told.Event));
        Assert.Contains("down", told.Text, StringComparison.Ordinal);

        (state.Fault, state.Value) = (null, new SharedValue("""{"by":"x","older_milliseconds":1,"balance":{"total_credits":1,"total_usage":0}}""", 7, TimeSpan.Zero));
        await process.GetAsync(Name, Known, Usual);
        state.Fault = new TimeoutException("down again");
        await process.GetAsync(Name, Known, Usual);

        Assert.Equal(2, logger.Entries.Count);
    }

    private FleetReading<CreditBalance> Process(ISharedState? state = null, ILogger? logger = null) => new(
        new BoundedState(state ?? _state, _clock, logger ?? NullLogger.Instance),
        _clock,
        (credits, payload) => payload with { Balance = new(credits.TotalCredits, credits.TotalUsage) },
        payload => payload.Balance is { TotalCredits: { } bought, TotalUsage: { } used } ? new CreditBalance { TotalCredits = bought, TotalUsage = used } : null,
        KeepRefusalFor);

    private Task<Reading<CreditBalance>> Known() => Count(Task.FromResult(Reading<CreditBalance>.Known(Credits, Instant.Now(_clock))));

    private Task<Reading<CreditBalance>> Refused() => Count(Task.FromResult(Reading<CreditBalance>.NotPermitted(Instant.Now(_clock))));

    private Task<Reading<CreditBalance>> AnswerAfter(TimeSpan time)
    {
        var askedAt = Instant.Now(_clock);
        _clock.Advance(time);
        return Count(Task.FromResult(Reading<CreditBalance>.Known(Credits, askedAt)));
    }

    private Task<Reading<CreditBalance>> Count(Task<Reading<CreditBalance>> answer)
    {
        Interlocked.Increment(ref _asked);
        return answer;
    }

    private async Task<(ReadingState State, CreditBalance? Value)> StateAndValueAsync(FleetReading<CreditBalance> process)
    {
        var reading = await process.GetAsync(Name, Known, Usual);
        return (reading.State, reading.Value);
    }

    // In small steps, each when everybody who can go on has done so.
    private async Task<T> AdvanceUntilAsync<T>(Task<T> task, TimeSpan most)
    {
        for (var step = TimeSpan.FromMilliseconds(10); most > TimeSpan.Zero; most -= step)
        {
            var patience = System.Diagnostics.Stopwatch.StartNew();
            while (!task.IsCompleted && (_clock.PendingTimers == 0 || patience.ElapsedMilliseconds < 2))
            {
                Assert.True(patience.Elapsed < BillingClientKit.Patience, "Nobody waits for the clock.");
                await Task.Yield();
            }

            if (task.IsCompleted)
            {
                return await task;
            }

            _clock.Advance(step);
        }

        return await task.WaitAsync(BillingClientKit.Patience, Cancellation);
    }

    /// <summary>Says what it is told to say, whatever is written.</summary>
    private sealed class ScriptedState : ISharedState
    {
        public SharedValue? Value { get; set; }

        public bool Writes { get; init; }

        public bool Answers { get; init; } = true;

        public Exception? Fault { get; set; }

        public int Calls { get; private set; }

        public ValueTask<SharedValue?> ReadAsync(string name, CancellationToken cancellationToken = default) => Answer(Value);

        public ValueTask<bool> TryWriteAsync(string name, string text, long expectedVersion, TimeSpan? keepFor = null, CancellationToken cancellationToken = default) => Answer(Writes);

        private ValueTask<T> Answer<T>(T answer)
        {
            Calls++;
            return Fault is not null ? throw Fault : Answers ? new(answer) : new(new TaskCompletionSource<T>().Task);
        }
    }

    /// <summary>Holds writes back until it is told to let them go.</summary>
    private sealed class SlowState(ISharedState inner) : ISharedState
    {
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<Task> _held = [];
        private int _writes;

        public int HoldsWritesAfter { get; set; } = int.MaxValue;

        public ValueTask<SharedValue?> ReadAsync(string name, CancellationToken cancellationToken = default) => inner.ReadAsync(name, cancellationToken);

        public async ValueTask<bool> TryWriteAsync(string name, string text, long expectedVersion, TimeSpan? keepFor = null, CancellationToken cancellationToken = default)
        {
            if (++_writes <= HoldsWritesAfter)
            {
                return await inner.TryWriteAsync(name, text, expectedVersion, keepFor, cancellationToken);
            }

            var writing = WriteLateAsync(name, text, expectedVersion, keepFor);
            lock (_held)
            {
                _held.Add(writing);
            }

            return await writing;
        }

        public void LetGo() => _gate.SetResult();

        public async Task IdleAsync()
        {
            await BillingClientKit.UntilAsync(() => Held().Length > 0, "a write");
            await Task.WhenAll(Held());
        }

        private Task[] Held()
        {
            lock (_held)
            {
                return [.. _held];
            }
        }

        private async Task<bool> WriteLateAsync(string name, string text, long expectedVersion, TimeSpan? keepFor)
        {
            await _gate.Task;
            return await inner.TryWriteAsync(name, text, expectedVersion, keepFor, CancellationToken.None);
        }
    }
}
