using System.Collections.Concurrent;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>Takes allowances before the ones before are used up or too old, books what was used, and gives back what nobody needs.</summary>
internal sealed class AllowanceKeeper : IAsyncDisposable
{
    private const int AtOnce = 8;

    private static readonly TimeSpan TendEvery = TimeSpan.FromSeconds(1);

    private readonly AllowanceRegister _allowances;
    private readonly SharedBooks _books;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _longestBooking;
    private readonly ITimer _timer;
    private int _isTending;
    private int _isArmed;
    private int _isDisposed;

    public AllowanceKeeper(AllowanceRegister allowances, SharedBooks books, TimeProvider timeProvider, TimeSpan longestBooking)
    {
        (_allowances, _books, _timeProvider, _longestBooking) = (allowances, books, timeProvider, longestBooking);
        _timer = Detached.Start(() => timeProvider.CreateTimer(_ => _ = TendAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
    }

    /// <summary>Takes another allowance in the place of one. One at a time for each; who comes meanwhile waits for the one that runs.</summary>
    /// <param name="allowance">The allowance.</param>
    /// <param name="grows">Whether more is to be held than running requests hold.</param>
    /// <param name="claims">The figures to prove it by; null for those that it was proved by before.</param>
    /// <returns>
    /// When another is there, before the one that it replaces is booked; or when it has failed: then the allowance has what it had, and
    /// the next request that needs the shared ledger meets the same fault.
    /// </returns>
    public Task RenewAsync(Allowance allowance, bool grows, IReadOnlyList<LimitClaim>? claims = null) => RenewAsync(allowance, grows, claims, out _);

    /// <summary>Gives back as much of what is reserved as a request lacks on its limits. Returns whether there was any.</summary>
    /// <param name="claims">What the request claims.</param>
    /// <param name="usage">What the shared ledger has said to that.</param>
    /// <param name="asked">The allowances that have given something for it before.</param>
    public async Task<bool> GiveBackAsync(IReadOnlyList<LimitClaim> claims, IReadOnlyList<LimitUsage> usage, HashSet<Allowance> asked)
    {
        var lacking = claims.Select((claim, index) => (Int128)usage[index].Settled + usage[index].Leased + claim.Amount - claim.Capacity).ToArray();
        var giving = new ConcurrentQueue<Allowance>();
        foreach (var allowance in _allowances.Holding.Where(allowance => !asked.Contains(allowance)))
        {
            var gives = false;
            for (var index = 0; index < claims.Count; index++)
            {
                if (lacking[index] > 0 && allowance.FreeOn(claims[index].Limit) is > 0 and var free)
                {
                    lacking[index] -= free;
                    gives = true;
                }
            }

            if (gives)
            {
                asked.Add(allowance);
                allowance.Tighten();
                giving.Enqueue(allowance);
            }
        }

        var hasGiven = !giving.IsEmpty;
        await ForEachAsync(giving, TryBookAsync).ConfigureAwait(false);
        return hasGiven;
    }

    /// <summary>Books all that was used until now, and gives back what is not held by requests; for as long as one call may take.</summary>
    public async Task BookAllAsync(CancellationToken cancellationToken)
    {
        var left = new ConcurrentQueue<Allowance>(_allowances.Holding);
        try
        {
            await ForEachAsync(left, TryExpireAndBookAsync).WaitAsync(_longestBooking, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What is not booked the shared ledger goes on holding.
        }
        finally
        {
            left.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await _timer.DisposeAsync().ConfigureAwait(false);
            await BookAllAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    // Several at a time. Whoever meets a fault leaves the rest to the others: if all do, the shared ledger does not answer.
    private static Task ForEachAsync(ConcurrentQueue<Allowance> allowances, Func<Allowance, Task<bool>> tryAsync)
    {
        return Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => WorkAsync()));

        async Task WorkAsync()
        {
            var goesOn = true;
            while (goesOn && allowances.TryDequeue(out var allowance))
            {
                goesOn = await tryAsync(allowance).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> TryExpireAndBookAsync(Allowance allowance)
    {
        await ExpireAsync(allowance).ConfigureAwait(false);
        return !allowance.IsHolding || await TryBookAsync(allowance).ConfigureAwait(false);
    }

    private async Task<bool> TryBookAsync(Allowance allowance)
    {
        var isDone = await RenewAsync(allowance, grows: false, null, out var isBegun).ConfigureAwait(false);
        if (!isBegun)
        {
            // One that ran already may have begun before the last was used.
            isDone = await RenewAsync(allowance, grows: false, null, out _).ConfigureAwait(false);
        }

        return isDone && await TryBookReplacedAsync(allowance).ConfigureAwait(false);
    }

    private Task<bool> RenewAsync(Allowance allowance, bool grows, IReadOnlyList<LimitClaim>? claims, out bool isBegun)
    {
        var renewal = allowance.JoinRenewal(out isBegun);
        if (isBegun)
        {
            if (claims is not null)
            {
                allowance.ProveBy(claims);
            }

            _ = CarryOutRenewalAsync(allowance, grows);
        }

        return renewal;
    }

    private async Task CarryOutRenewalAsync(Allowance allowance, bool grows)
    {
        // Beside the next one the shared ledger is to count no more than one that was replaced.
        var isTaken = await TryBookReplacedAsync(allowance).ConfigureAwait(false) && await TryTakeAnewAsync(allowance, grows).ConfigureAwait(false);
        allowance.EndRenewal(isTaken);
        if (isTaken)
        {
            // Whoever is to be admitted need not wait for it.
            await TryBookReplacedAsync(allowance).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryTakeAnewAsync(Allowance allowance, bool grows)
    {
        try
        {
            if (await TakeAnewAsync(allowance, grows).ConfigureAwait(false))
            {
                Arm();
            }

            return true;
        }
#pragma warning disable CA1031 // what it had the allowance keeps; the next request that needs the shared ledger meets the same fault and tells of it
        catch (Exception)
#pragma warning restore CA1031
        {
            allowance.Tighten();
            return false;
        }
    }

    private async Task<bool> TryBookReplacedAsync(Allowance allowance)
    {
        try
        {
            foreach (var replaced in allowance.Replaced())
            {
                await replaced.BookAsync(_books, allowance.Shape.Labels is not null).ConfigureAwait(false);
                allowance.Forget(replaced);
            }

            return true;
        }
#pragma warning disable CA1031 // it stays to be booked, and the shared ledger counts all of it meanwhile
        catch (Exception)
#pragma warning restore CA1031
        {
            allowance.Tighten();
            return false;
        }
    }

    // Less and less, until it is granted; and at last only what runs. False when nothing is held any more.
    private async Task<bool> TakeAnewAsync(Allowance allowance, bool grows)
    {
        var extra = grows && _isDisposed == 0 ? allowance.Size() : default;
        while (allowance.Plan(extra, grows) is { } draft)
        {
            var askedAt = _timeProvider.GetTimestamp();
            var answer = await _books.AcquireAsync(draft).ConfigureAwait(false);
            allowance.Answered(_timeProvider.GetElapsedTime(askedAt));
            if (answer.Lease is { } lease)
            {
                allowance.Replace(lease, draft);
                _allowances.Hold(allowance);
                return true;
            }

            if (extra.IsNothing)
            {
                return true;
            }

            extra = allowance.Smaller(draft, answer.Usage);
            if (extra.IsNothing)
            {
                // Close to a limit each request is held by itself.
                allowance.Tighten();
            }
        }

        allowance.Replace(null, null);
        return false;
    }

    private async Task TendAsync()
    {
        Volatile.Write(ref _isArmed, 0);
        if (Interlocked.Exchange(ref _isTending, 1) != 0)
        {
            return;
        }

        _allowances.DropIdle();
        foreach (var allowance in _allowances.Holding)
        {
            await ExpireAsync(allowance).ConfigureAwait(false);
            _ = allowance.NeedsTending(out var grows) ? RenewAsync(allowance, grows) : TryBookReplacedAsync(allowance);
        }

        Volatile.Write(ref _isTending, 0);
        if (_allowances.IsAnyHolding && _isDisposed == 0)
        {
            Arm();
        }
    }

    // A timer that runs is left alone: put off by each renewal, it would not fire while any allowance is busy.
    private void Arm()
    {
        if (Interlocked.Exchange(ref _isArmed, 1) == 0)
        {
            _timer.Change(TendEvery, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task ExpireAsync(Allowance allowance)
    {
        foreach (var lease in allowance.Expire())
        {
            try
            {
                await _books.BookAsync(lease, allowance.Shape.Labels, CancellationToken.None).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // nobody waits for it; its limits have counted it, and only a sum of spending lacks it
            catch (Exception)
#pragma warning restore CA1031
            {
                allowance.Tighten();
            }
        }
    }
}
