namespace OpenRouter.Billing.Sql;

/// <summary>
/// Writes settlements in the background, all that have gathered in one transaction, and tries until they are written. There
/// is no timer and no thread: whoever puts something into an empty queue starts the writing, and it ends with the queue.
/// </summary>
#pragma warning disable CA1001 // closing it disposes what it holds
internal sealed class SettlementQueue(Func<IReadOnlyList<LeaseSettlement>, Task> write, Func<Task> afterwards, TimeProvider timeProvider, int capacity)
#pragma warning restore CA1001
{
    private const int LargestBatch = 128;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    private readonly object _gate = new();
    private readonly LinkedList<QueuedSettlement> _waiting = [];
    private readonly CancellationTokenSource _hurry = new();
    private Task _writing = Task.CompletedTask;
    private int _count;
    private long _added;
    private bool _isWriting;
    private bool _isClosed;

    /// <summary>Gets how many are not written yet, those that are just being written included.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Takes a settlement over.</summary>
    /// <exception cref="SqlLedgerUnavailableException">The queue is full.</exception>
    public void Add(QueuedSettlement settlement)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SqlBillingLedger));
            if (_count >= capacity)
            {
                throw new SqlLedgerUnavailableException($"{capacity} settlements wait for the ledger's database already, and no more are kept: the lease counts in full when it expires.");
            }

            _waiting.AddLast(settlement);
            _count++;
            _added++;
            if (!_isWriting)
            {
                _isWriting = true;
                _writing = Detached.Start(() => Task.Run(WriteAllAsync));
            }
        }
    }

    /// <summary>Waits until all is written and nothing more comes, or the time is up, and takes no more.</summary>
    public async Task CloseAsync(TimeSpan patience)
    {
        var started = timeProvider.GetTimestamp();
        while (timeProvider.GetElapsedTime(started) < patience)
        {
            var (writing, added) = State();
            if (!await EndsAsync(writing, patience - timeProvider.GetElapsedTime(started)).ConfigureAwait(false))
            {
                break;
            }

            // Answers that were read a moment ago are settled a moment later.
            await Task.Delay(Quiet, timeProvider).ConfigureAwait(false);
            if (TryClose(added))
            {
                _hurry.Dispose();
                return;
            }
        }

        Abandon();
        await _hurry.CancelAsync().ConfigureAwait(false);
        _hurry.Dispose();
    }

    private (Task Writing, long Added) State()
    {
        lock (_gate)
        {
            return (_writing, _added);
        }
    }

    private async Task<bool> EndsAsync(Task writing, TimeSpan patience)
    {
        try
        {
            await writing.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, timeProvider).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private bool TryClose(long added)
    {
        lock (_gate)
        {
            return _isClosed = _added == added;
        }
    }

    private async Task WriteAllAsync()
    {
        var (pause, size) = (TimeSpan.Zero, LargestBatch);
        while (true)
        {
            // Whoever settles several units of a lease has come to the last one after this.
            await Task.Yield();
            var batch = Take(size);
            if (batch.Count == 0)
            {
                return;
            }

            try
            {
                await write(LeaseSettlement.Group(batch)).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // whatever the database says, the settlement stays and is tried again; the fault shows in the ledger's health
            catch (Exception)
#pragma warning restore CA1031
            {
                PutBack(batch);
                // One at a time from now on: should one of them be what the database cannot take, the others pass it.
                (pause, size) = (Longer(pause), 1);
                if (!await PauseAsync(pause).ConfigureAwait(false))
                {
                    return;
                }

                continue;
            }

            Written(batch);
            (pause, size) = (TimeSpan.Zero, LargestBatch);
            await RunAfterwardsAsync().ConfigureAwait(false);
        }
    }

    private async Task RunAfterwardsAsync()
    {
        try
        {
            await afterwards().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // what ends the writing ends it for good: no settlement would be written any more
        catch (Exception)
#pragma warning restore CA1031
        {
            // What was to be done comes again; the settlements are written.
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;

    private async Task<bool> PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, timeProvider, _hurry.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    private List<QueuedSettlement> Take(int size)
    {
        lock (_gate)
        {
            var batch = new List<QueuedSettlement>(Math.Min(size, _waiting.Count));
            while (batch.Count < size && _waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                batch.Add(first.Value);
            }

            _isWriting = batch.Count > 0;
            return batch;
        }
    }

    private void Written(List<QueuedSettlement> batch)
    {
        lock (_gate)
        {
            _count -= batch.Count;
        }

        batch.ForEach(settlement => settlement.MarkWritten());
    }

    // In their order; but a lease whose settlement failed alone goes behind the others. A closed queue tries no more.
    private void PutBack(List<QueuedSettlement> batch)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                batch.ForEach(MarkLost);
                return;
            }

            for (var index = batch.Count - 1; index >= 0; index--)
            {
                _waiting.AddFirst(batch[index]);
            }

            if (batch.Count == 1)
            {
                foreach (var settlement in _waiting.Where(settlement => settlement.Lease == batch[0].Lease).ToArray())
                {
                    _waiting.Remove(settlement);
                    _waiting.AddLast(settlement);
                }
            }
        }
    }

    private void Abandon()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (var settlement in _waiting)
            {
                MarkLost(settlement);
            }
        }
    }

    private static void MarkLost(QueuedSettlement settlement) =>
        settlement.MarkLost(new SqlLedgerUnavailableException("The ledger was closed while its database was down: the lease counts in full when it expires."));
}
