using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>Asks a ledger and waits no longer than the options allow, whatever the ledger does.</summary>
internal sealed class BoundedLedger(IBillingLedger ledger, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>Gets the ledger, which no caller has to wait for while it blocks.</summary>
    public IBillingLedger Inner { get; } = OffloadedLedger.Around(ledger);

    public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, BillingGuardOptions options, CancellationToken cancellationToken)
    {
        var acquiring = Inner.AcquireAsync(claims, options.LeaseDuration, cancellationToken);
        return acquiring.IsCompletedSuccessfully ? acquiring : WaitAsync(acquiring.AsTask(), options, cancellationToken);
    }

    private async ValueTask<LedgerAnswer> WaitAsync(Task<LedgerAnswer> task, BillingGuardOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await task.WaitAsync(options.ReadingTimeout, timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // Under Allow the request goes out all the same, and a late grant is all that will ever count it.
            if (exception is OperationCanceledException || options.WhenUnavailable == UnavailableBehavior.Refuse)
            {
                _ = GiveBackLateAsync(task);
            }

            throw;
        }
    }

    public async ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, BillingGuardOptions options, CancellationToken cancellationToken)
    {
        var peeking = Inner.PeekAsync(claims, cancellationToken);
        return peeking.IsCompletedSuccessfully
            ? await peeking.ConfigureAwait(false)
            : await peeking.AsTask().WaitAsync(options.ReadingTimeout, timeProvider, cancellationToken).ConfigureAwait(false);
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
