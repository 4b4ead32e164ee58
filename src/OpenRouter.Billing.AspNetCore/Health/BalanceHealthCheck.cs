using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Is there money?</summary>
internal sealed class BalanceHealthCheck(IBillingGuard guard, decimal degradedBelow) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var figures = await FreshFigures.ReadAsync(guard, cancellationToken).ConfigureAwait(false);
        if (figures.IsBalanceWithheld)
        {
            return HealthCheckResult.Degraded("OpenRouter does not tell this key the balance: set ManagementKey.");
        }

        if (figures.Balance is not { } balance)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The balance cannot be read.");
        }

        var data = new Dictionary<string, object> { ["remainingUsd"] = balance.Remaining };
        return balance.Remaining <= 0 ? new HealthCheckResult(context.Registration.FailureStatus, "The balance is spent.", data: data)
            : balance.Remaining < degradedBelow ? HealthCheckResult.Degraded("The balance is low.", data: data)
            : HealthCheckResult.Healthy(data: data);
    }
}
