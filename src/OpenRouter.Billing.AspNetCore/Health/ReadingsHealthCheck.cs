using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Is what decisions are made by young enough?</summary>
internal sealed class ReadingsHealthCheck(IBillingGuard guard, TimeProvider timeProvider, TimeSpan maxAge) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var figures = await FreshFigures.ReadAsync(guard, cancellationToken).ConfigureAwait(false);
        var now = timeProvider.GetUtcNow();
        if (figures.KeyReadAt is not { } keyReadAt)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "Nothing has been read yet.");
        }

        var oldest = figures.BalanceReadAt < keyReadAt ? figures.BalanceReadAt.Value : keyReadAt;
        var age = now - oldest;
        var data = new Dictionary<string, object> { ["ageSeconds"] = (long)age.TotalSeconds };
        return age > maxAge
            ? new HealthCheckResult(context.Registration.FailureStatus, "The figures are older than they may be.", data: data)
            : HealthCheckResult.Healthy(data: data);
    }
}
