using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>Takes allowances before the ones before are used up or too old, books what was used, and gives back what nobody needs.</summary>
internal sealed class AllowanceKeeper : IAsyncDisposable
{
    private static readonly TimeSpan TendEvery = TimeSpan.FromSeconds(1);

    private readonly AllowanceRegister _allowances;
    private readonly SharedBooks _books;
    private readonly TimeProvider _timeProvider;
    private readonly ITimer _timer;
    private int _isTending;
    private int _isArmed;
    private int _isDisposed;

    public AllowanceKeeper(AllowanceRegister allowances, SharedBooks books, TimeProvider timeProvider)
    {
        (_allowances, _books, _timeProvider) = (allowances, books, timeProvider);
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
    public Task RenewAsync(Allowance allowance, bool grows, IReadOnlyList<LimitClaim>? claims = null)
    {
        var renewal = allowance.JoinRenewal(out var isBegun);
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

    /// <summary>Gives back what is reserved on limits that lack it. Returns whether there was any.</summary>
    public async Task<bool> GiveBackAsync(IReadOnlyList<LimitClaim> claims, IReadOnlyList<LimitUsage> usage)
    {
        var hasGiven = false;
        foreach (var allowance in _allowances.Holding)
        {
            for (var index = 0; index < claims.Count; index++)
            {
                if ((Int128)usage[index].Settled + usage[index].Leased + claims[index].Amount > claims[index].Capacity && allowance.HasFreeOn(claims[index].Limit))
                {
                    allowance.Tighten();
                    await RenewAsync(allowance, grows: false).ConfigureAwait(false);
                    await TryBookReplacedAsync(allowance).ConfigureAwait(false);
                    hasGiven = true;
                    break;
                }
            }
        }

        return hasGiven;
    }

    /// <summary>Books all that was used until now.</summary>
    public async Task BookAllAsync(bool grows)
    {
        foreach (var allowance in _allowances.Holding)
        {
            await ExpireAsync(allowance).ConfigureAwait(false);
            if (allowance.IsHolding)
            {
                // One that runs already may have begun before the last was used.
                await RenewAsync(allowance, grows).ConfigureAwait(false);
                await RenewAsync(allowance, grows).ConfigureAwait(false);
                await TryBookReplacedAsync(allowance).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await _timer.DisposeAsync().ConfigureAwait(false);
            await BookAllAsync(grows: false).ConfigureAwait(false);
        }
    }

    private async Task CarryOutRenewalAsync(Allowance allowance, bool grows)
    {
        // Beside the next one the shared ledger is to count no more than one that was replaced.
        var isTaken = await TryBookReplacedAsync(allowance).ConfigureAwait(false) && await TryTakeAnewAsync(allowance, grows).ConfigureAwait(false);
        allowance.EndRenewal();
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
