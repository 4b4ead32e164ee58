using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql.Tests;

public sealed class SettlementQueueTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    private readonly ManualTimeProvider _clock = new();
    private readonly List<LeaseSettlement[]> _written = [];
    private readonly SemaphoreSlim _mayWrite = new(0);
    private Func<LeaseSettlement[], bool> _fails = _ => false;
    private volatile bool _isWriting;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _mayWrite.Dispose();

    [Fact]
    public async Task Add_ManyWhileOneIsWritten_AreWrittenTogether()
    {
        var queue = NewQueue();
        var all = Enumerable.Range(0, 50).Select(_ => Settlement()).ToArray();
        queue.Add(all[0]);
        await Waiting.UntilAsync(() => _mayWrite.CurrentCount == 0 && queue.Count == 1);
        Array.ForEach(all[1..], queue.Add);

        _mayWrite.Release(10);
        await Task.WhenAll(all.Select(settlement => settlement.Written));

        Assert.InRange(_written.Count, 1, 3);
        Assert.Equal(50, _written.Sum(batch => batch.Length));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task Add_WritingFails_IsTriedAgainAfterLongerAndLongerPauses()
    {
        var failures = 0;
        _fails = _ => ++failures <= 8;
        _mayWrite.Release(1000);
        var queue = NewQueue();
        var settlement = Settlement();

        queue.Add(settlement);
        var pauses = new List<TimeSpan>();
        while (!settlement.Written.IsCompleted)
        {
            await Task.WhenAny(_clock.WaitForTimerAsync(Cancellation), settlement.Written);
            if (_clock.PendingWaits is [var pause, ..])
            {
                pauses.Add(pause);
                _clock.Advance(pause);
            }
        }

        Assert.Equal([50, 100, 200, 400, 800, 1600, 2000, 2000], pauses.Select(pause => pause.TotalMilliseconds));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task Add_OneThatTheDatabaseNeverTakes_DoesNotHoldUpTheOthers()
    {
        var poison = Settlement();
        _fails = batch => batch.Any(settlement => settlement.Lease == poison.Lease);
        _mayWrite.Release(1000);
        var queue = NewQueue();
        var others = Enumerable.Range(0, 10).Select(_ => Settlement()).ToArray();

        Array.ForEach([.. others[..5], poison, .. others[5..]], queue.Add);
        var written = Task.WhenAll(others.Select(settlement => settlement.Written));
        while (!written.IsCompleted)
        {
            await Task.WhenAny(_clock.WaitForTimerAsync(Cancellation), written);
            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.False(poison.Written.IsCompleted);
        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public async Task Add_WithinRequestOfTheApp_IsWrittenAsNoPartOfIt()
    {
        var request = new AsyncLocal<string?> { Value = "request" };
        var seen = "nothing";
        _fails = _ => (seen = request.Value ?? "none") is null;
        _mayWrite.Release();
        var settlement = Settlement();

        NewQueue().Add(settlement);

        await settlement.Written;
        Assert.Equal("none", seen);
        Assert.Equal("request", request.Value);
    }

    [Fact]
    public async Task Add_MoreThanItHolds_IsToldAndTheRestIsWritten()
    {
        var queue = NewQueue(capacity: 3);
        var kept = Enumerable.Range(0, 3).Select(_ => Settlement()).ToArray();
        Array.ForEach(kept, queue.Add);

        var fault = Assert.Throws<SqlLedgerUnavailableException>(() => queue.Add(Settlement()));

        Assert.Contains("3 settlements", fault.Message, StringComparison.Ordinal);
        _mayWrite.Release(10);
        await Task.WhenAll(kept.Select(settlement => settlement.Written));
        queue.Add(Settlement());
    }

    [Fact]
    public async Task CloseAsync_DatabaseDown_EndsInTimeAndTellsWhoWaits()
    {
        _fails = _ => true;
        _mayWrite.Release(1000);
        var queue = NewQueue();
        var settlement = Settlement();
        queue.Add(settlement);
        await _clock.WaitForTimerAsync(Cancellation);

        var closing = queue.CloseAsync(Patience);
        while (!closing.IsCompleted)
        {
            _clock.Advance(Patience);
            await Task.Yield();
        }

        await closing;
        await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => settlement.Written);
        Assert.Throws<ObjectDisposedException>(() => queue.Add(Settlement()));
    }

    [Fact]
    public async Task CloseAsync_BatchInFlightThatFailsLater_TellsWhoWaits()
    {
        _fails = _ => true;
        var queue = NewQueue();
        var settlement = Settlement();
        queue.Add(settlement);
        await Waiting.UntilAsync(() => _isWriting);

        var closing = queue.CloseAsync(Patience);
        while (!closing.IsCompleted)
        {
            _clock.Advance(Patience);
            await Task.Yield();
        }

        await closing;
        Assert.False(settlement.Written.IsCompleted);
        _mayWrite.Release();

        await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => settlement.Written.WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
    }

    [Fact]
    public async Task Add_WhatComesAfterWritingFails_DoesNotEndTheWriting()
    {
        _mayWrite.Release(1000);
        var queue = new SettlementQueue(WriteAsync, () => throw new InvalidOperationException("Not as it should be."), _clock, capacity: 1000);

        for (var count = 0; count < 3; count++)
        {
            var settlement = Settlement();
            queue.Add(settlement);
            await settlement.Written.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
            await Waiting.UntilAsync(() => queue.Count == 0);
        }
    }

    [Fact]
    public async Task CloseAsync_SettlementOfAnAnswerThatWasJustRead_IsWrittenToo()
    {
        _mayWrite.Release(1000);
        var queue = NewQueue();
        queue.Add(Settlement());
        var closing = queue.CloseAsync(Patience);
        var late = Settlement();
        queue.Add(late);

        while (!closing.IsCompleted)
        {
            // Only while it is quiet: what is being written may take its time, and the patience is not to run out for it.
            if (_clock.PendingWaits is [var wait, ..] && wait <= Quiet)
            {
                _clock.Advance(wait);
            }

            await Task.Yield();
        }

        await closing;
        Assert.True(late.Written.IsCompletedSuccessfully);
        Assert.Equal(2, _written.Sum(batch => batch.Length));
        Assert.Throws<ObjectDisposedException>(() => queue.Add(Settlement()));
    }

    [Fact]
    public void Group_UnitsAndReturnsOfALease_AreTakenInTheirOrder()
    {
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());

        var groups = LeaseSettlement.Group(
        [
            new(first, LimitUnit.Requests, 1), new(second, null, 0), new(first, LimitUnit.UsDollars, 5), new(first, LimitUnit.UsDollars, 9),
            new(second, LimitUnit.UsDollars, 7), new(first, null, 0), new(first, LimitUnit.UsDollarsWithByok, 3),
        ]);

        Assert.Equal([first, second], groups.Select(group => group.Lease));
        Assert.Equal((1L, 5L, null, true), (groups[0][LimitUnit.Requests], groups[0][LimitUnit.UsDollars], groups[0][LimitUnit.UsDollarsWithByok], groups[0].IsReleased));
        Assert.Equal((null, true, false), (groups[1][LimitUnit.UsDollars], groups[1].IsReleased, groups[1].HasAmounts));
    }

    private static QueuedSettlement Settlement() => new(Guid.NewGuid(), LimitUnit.UsDollars, 1);

    private SettlementQueue NewQueue(int capacity = 1000) => new(WriteAsync, () => Task.CompletedTask, _clock, capacity);

    private async Task WriteAsync(IReadOnlyList<LeaseSettlement> batch)
    {
        _isWriting = true;
        await _mayWrite.WaitAsync(Cancellation);
        if (_fails([.. batch]))
        {
            throw new IOException("The database is away.");
        }

        _written.Add([.. batch]);
    }
}
