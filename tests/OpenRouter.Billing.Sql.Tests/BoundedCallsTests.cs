using System.Data.Common;

namespace OpenRouter.Billing.Sql.Tests;

public sealed class BoundedCallsTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CallAsync_PassingFault_IsRepeatedAndSaidToBe()
    {
        var calls = new BoundedCalls(Timeout, _clock);
        var attempts = new List<bool>();

        var calling = calls.CallAsync(
            (isRepeated, _) =>
            {
                attempts.Add(isRepeated);
                return attempts.Count < 3 ? throw new Fault(isTransient: true) : Task.FromResult(7);
            },
            Cancellation);
        for (; !calling.IsCompleted; _clock.Advance(TimeSpan.FromMilliseconds(40)))
        {
            await Task.Yield();
        }

        Assert.Equal(7, await calling);
        Assert.Equal([false, true, true], attempts);
        Assert.True(calls.Availability.Tell(0).IsAvailable);
    }

    [Fact]
    public async Task CallAsync_LastingFault_IsToldAtOnce()
    {
        var calls = new BoundedCalls(Timeout, _clock);

        var told = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => calls.CallAsync<int>((_, _) => throw new Fault(isTransient: false), Cancellation));

        Assert.IsType<Fault>(told.InnerException);
        Assert.Equal((false, typeof(Fault).FullName, _clock.GetUtcNow()), (calls.Availability.Tell(0).IsAvailable, calls.Availability.Tell(0).LastFaultType, calls.Availability.Tell(0).LastFaultAt));
    }

    [Fact]
    public async Task CallAsync_DriverThatHeedsNoToken_KeepsNobodyWaiting()
    {
        var calls = new BoundedCalls(Timeout, _clock);
        var never = new TaskCompletionSource<int>();

        var calling = calls.CallAsync((_, _) => never.Task, Cancellation);
        _clock.Advance(Timeout);

        var told = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => calling);
        Assert.Contains("00:00:05", told.Message, StringComparison.Ordinal);
        never.SetException(new Fault(isTransient: false));
    }

    [Fact]
    public async Task CallAsync_WhileTheDatabaseIsDown_OneTriesAndTheOthersDoNotWait()
    {
        var calls = new BoundedCalls(Timeout, _clock);
        await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => calls.CallAsync<int>((_, _) => throw new Fault(isTransient: false), Cancellation));
        var answer = new TaskCompletionSource<int>();

        var trying = calls.CallAsync((_, _) => answer.Task, Cancellation);
        var asked = false;
        var other = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => calls.CallAsync((_, _) => Task.FromResult(asked = true), Cancellation));

        Assert.False(asked);
        Assert.IsType<Fault>(other.InnerException);
        answer.SetResult(1);
        Assert.Equal(1, await trying);
        Assert.True(await calls.CallAsync((_, _) => Task.FromResult(true), Cancellation));
    }

    [Fact]
    public async Task CallAsync_CallerGivesUp_SaysNothingOfTheDatabase()
    {
        var calls = new BoundedCalls(Timeout, _clock);
        await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => calls.CallAsync<int>((_, _) => throw new Fault(isTransient: false), Cancellation));
        using var caller = new CancellationTokenSource();

        var calling = calls.CallAsync((_, token) => Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, token).ContinueWith(_ => 1, token, TaskContinuationOptions.None, TaskScheduler.Default), caller.Token);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
        // Its turn to try is free again.
        Assert.Equal(2, await calls.CallAsync((_, _) => Task.FromResult(2), Cancellation));
    }

    [Theory]
    [InlineData("22003")]
    [InlineData("23505")]
    [InlineData("42501")]
    [InlineData("42703")]
    [InlineData("54000")]
    [InlineData("P0001")]
    public async Task CallAsync_FaultOfOneStatement_IsToldAndHoldsUpNoOthers(string sqlState)
    {
        var calls = new BoundedCalls(Timeout, _clock);

        var told = await FailAsync(calls, new Fault(isTransient: false, sqlState));

        Assert.Contains($"({typeof(Fault).FullName}, SqlState {sqlState})", told.Message, StringComparison.Ordinal);
        var health = calls.Availability.Tell(0);
        Assert.Equal((true, typeof(Fault).FullName, sqlState, _clock.GetUtcNow(), null), (health.IsAvailable, health.LastFaultType, health.LastFaultCode, health.LastFaultAt, health.LastSuccessAt));
        await AssertTakesManyAtOnceAsync(calls);
    }

    // The last two are of one class with faults of a statement, but without its tables no statement of a ledger works.
    [Theory]
    [InlineData(null)]
    [InlineData("08006")]
    [InlineData("25006")]
    [InlineData("28P01")]
    [InlineData("3D000")]
    [InlineData("3F000")]
    [InlineData("53300")]
    [InlineData("57014")]
    [InlineData("57P01")]
    [InlineData("XX000")]
    [InlineData("42P01")]
    [InlineData("42883")]
    public async Task CallAsync_FaultOfTheDatabase_IsAnOutage(string? sqlState)
    {
        var calls = new BoundedCalls(Timeout, _clock);

        var told = await FailAsync(calls, new Fault(isTransient: false, sqlState));

        var description = sqlState is null ? typeof(Fault).FullName! : $"{typeof(Fault).FullName}, SqlState {sqlState}";
        Assert.Contains($"({description})", told.Message, StringComparison.Ordinal);
        Assert.Equal((false, sqlState), (calls.Availability.Tell(0).IsAvailable, calls.Availability.Tell(0).LastFaultCode));
        await UntilTriedAsync(calls, async () => Assert.Contains($"({description})", (await RefuseAsync(calls)).Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task CallAsync_PassingFaultThatDoesNotPass_IsAnOutageWhateverItsCode()
    {
        var calls = new BoundedCalls(Timeout, _clock);

        var calling = FailAsync(calls, new Fault(isTransient: true, "42000"));
        for (; !calling.IsCompleted; _clock.Advance(TimeSpan.FromMilliseconds(500)))
        {
            await Task.Yield();
        }

        Assert.Contains("SqlState 42000", (await calling).Message, StringComparison.Ordinal);
        Assert.False(calls.Availability.Tell(0).IsAvailable);
    }

    [Fact]
    public async Task CallAsync_FaultOfOneStatementAfterAnOutage_ShowsThatTheDatabaseAnswers()
    {
        var calls = new BoundedCalls(Timeout, _clock);
        await FailAsync(calls, new Fault(isTransient: false));

        await FailAsync(calls, new Fault(isTransient: false, "23505"));

        await AssertTakesManyAtOnceAsync(calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CallAsync_EarlierCallEndsWhileOneTries_NoOtherTriesBesideIt(bool isGivenUp)
    {
        var calls = new BoundedCalls(Timeout, _clock);
        using var caller = new CancellationTokenSource();
        var earlier = new TaskCompletionSource<int>();
        var calling = calls.CallAsync((_, _) => earlier.Task, caller.Token);
        await FailAsync(calls, new Fault(isTransient: false));

        await UntilTriedAsync(calls, async () =>
        {
            if (isGivenUp)
            {
                await caller.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
            }
            else
            {
                earlier.SetException(new Fault(isTransient: false));
                await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => calling);
            }

            await RefuseAsync(calls);
        });

        await AssertTakesManyAtOnceAsync(calls);
    }

    [Fact]
    public async Task CallAsync_EarlierCallSucceedsWhileOneTries_OthersGoOn()
    {
        var calls = new BoundedCalls(Timeout, _clock);
        var earlier = new TaskCompletionSource<int>();
        var calling = calls.CallAsync((_, _) => earlier.Task, Cancellation);
        await FailAsync(calls, new Fault(isTransient: false));

        await UntilTriedAsync(calls, async () =>
        {
            earlier.SetResult(1);
            await calling;

            await AssertTakesManyAtOnceAsync(calls);
        });
    }

    [Fact]
    public async Task CallAsync_ManyFailAtOnce_DoNotAllTryAgainAtOnce()
    {
        var calls = new BoundedCalls(Timeout, _clock);
        var attempts = 0;

        var calling = Enumerable.Range(0, 50).Select(_ => calls.CallAsync((_, _) => ++attempts > 50 ? Task.FromResult(1) : throw new Fault(isTransient: true), Cancellation)).ToArray();
        var pauses = _clock.PendingWaits.Where(wait => wait < Timeout).ToArray();

        Assert.Equal(50, pauses.Length);
        Assert.All(pauses, pause => Assert.InRange(pause.TotalMilliseconds, 10, 20));
        Assert.NotEqual(pauses[0], pauses[^1]);
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        await Task.WhenAll(calling);
    }

    private static Task<SqlLedgerUnavailableException> FailAsync(BoundedCalls calls, Exception fault) =>
        Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => calls.CallAsync<int>((_, _) => throw fault, Cancellation));

    private static async Task<SqlLedgerUnavailableException> RefuseAsync(BoundedCalls calls)
    {
        var isAsked = false;
        var told = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => calls.CallAsync((_, _) => Task.FromResult(isAsked = true), Cancellation));
        Assert.False(isAsked);
        return told;
    }

    // Does something while a call tries the database, which answers then.
    private static async Task UntilTriedAsync(BoundedCalls calls, Func<Task> meanwhile)
    {
        var answer = new TaskCompletionSource<int>();
        var trying = calls.CallAsync((_, _) => answer.Task, Cancellation);
        await meanwhile();
        answer.SetResult(1);
        Assert.Equal(1, await trying);
    }

    private static async Task AssertTakesManyAtOnceAsync(BoundedCalls calls)
    {
        Assert.True(calls.Availability.Tell(0).IsAvailable);
        var answer = new TaskCompletionSource<int>();
        var calling = Enumerable.Range(0, 50).Select(_ => calls.CallAsync((_, _) => answer.Task, Cancellation)).ToArray();
        answer.SetResult(1);
        Assert.Equal(50, (await Task.WhenAll(calling)).Sum());
    }

    private sealed class Fault(bool isTransient, string? sqlState = null) : DbException("fault")
    {
        public override bool IsTransient => isTransient;

        public override string? SqlState => sqlState;
    }
}
