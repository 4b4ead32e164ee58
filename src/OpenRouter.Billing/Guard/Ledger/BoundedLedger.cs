using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>Asks a ledger and waits no longer than the options allow, whatever the ledger does.</summary>
internal sealed class BoundedLedger(IBillingLedger ledger, TimeProvider timeProvider, ILogger logger)
{
    // A ledger in memory never waits.
    private readonly InMemoryBillingLedger? _inMemory = ledger as InMemoryBillingLedger;
    private readonly ISpendLedger? _spendLedger = ledger as ISpendLedger;

    /// <summary>Gets the ledger, which no caller has to wait for while it blocks.</summary>
    public IBillingLedger Inner { get; } = OffloadedLedger.Around(ledger);

    /// <summary>Gets whether the ledger wants to know of requests that claim nothing, too, because it sums up what they cost.</summary>
    public bool SumsUpSpending => _spendLedger is not null;

    /// <summary>Takes the claims.</summary>
    /// <param name="request">The claims, and whose spending it is.</param>
    /// <param name="options">How long to wait.</param>
    /// <param name="goesOutAnyway">Whether the request goes out whatever the ledger does: then a late grant is all that will ever count it.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    public ValueTask<LedgerAnswer> AcquireAsync(LeaseRequest request, BillingGuardOptions options, bool goesOutAnyway, CancellationToken cancellationToken)
    {
        var acquiring = _inMemory is not null ? _inMemory.AcquireAsync(request, cancellationToken)
            : _spendLedger is not null ? new(Task.Run(() => _spendLedger.AcquireAsync(request, cancellationToken).AsTask(), CancellationToken.None))
            : Inner.AcquireAsync(request.Claims, request.Duration, cancellationToken);
        return acquiring.IsCompletedSuccessfully ? acquiring : WaitAsync(acquiring.AsTask(), options.ReadingTimeout, goesOutAnyway, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, BillingGuardOptions options, CancellationToken cancellationToken)
    {
        var peeking = Inner.PeekAsync(claims, cancellationToken);
        return peeking.IsCompletedSuccessfully
            ? await peeking.ConfigureAwait(false)
            : await peeking.AsTask().WaitAsync(options.ReadingTimeout, timeProvider, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until a lease is given back, and goes on without that when the time is up or the ledger fails: the lease then expires.</summary>
    public async ValueTask GiveBackAsync(ValueTask releasing, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await releasing.AsTask().WaitAsync(patience, timeProvider, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // a request does not fail because what it no longer needs cannot be given back
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            GuardLog.SettlementFailed(logger, exception);
        }
    }

    private async ValueTask<LedgerAnswer> WaitAsync(Task<LedgerAnswer> task, TimeSpan patience, bool goesOutAnyway, CancellationToken cancellationToken)
    {
        try
        {
            return await task.WaitAsync(patience, timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            if (exception is OperationCanceledException || !goesOutAnyway)
            {
                _ = GiveBackLateAsync(task);
            }

            throw;
        }
    }

    // A slow ledger must not eat the budget by granting what nobody waits for any more.
    private async Task GiveBackLateAsync(Task<LedgerAnswer> acquiring)
    {
        try
        {
            if ((await acquiring.ConfigureAwait(false)).Lease is { } lease)
            {
                await Inner.ReleaseAsync(lease).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The ledger gave up with the caller and holds nothing.
        }
#pragma warning disable CA1031 // nobody waits for this any more; a lease that cannot be given back expires
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GuardLog.DecisionFailed(logger, exception);
        }
    }
}
