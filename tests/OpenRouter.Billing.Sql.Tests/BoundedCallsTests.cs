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

    private sealed class Fault(bool isTransient) : DbException("fault")
    {
        public override bool IsTransient => isTransient;
    }
}
