using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Does the ledger answer?</summary>
internal sealed class LedgerHealthCheck(IBillingLedger ledger, TimeProvider timeProvider) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var look = LimitClaim.InRequests("health", BillingCause.Unknown, capacity: 0, timeProvider.GetUtcNow());
            await ledger.PeekAsync([look], cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
#pragma warning disable CA1031 // whatever keeps the ledger from answering is what this check is for
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The ledger does not answer.", exception);
        }
    }
}
