using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Does the key work, and will it next week?</summary>
internal sealed class KeyHealthCheck(IBillingGuard guard, TimeProvider timeProvider) : IHealthCheck
{
    private static readonly TimeSpan Notice = TimeSpan.FromDays(7);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var figures = await FreshFigures.ReadAsync(guard, cancellationToken).ConfigureAwait(false);
        if (figures.Key is not { } key)
        {
            return Failure("The key cannot be read: it is unknown, or OpenRouter does not answer.");
        }

        var now = timeProvider.GetUtcNow();
        return key.ExpiresAt <= now ? Failure("The key has expired.")
            : key.Remaining <= 0 ? Failure("The key's cap is spent.")
            : (key.Budgets ?? []).Any(budget => budget.Remaining <= 0) || key.EffectiveBudget?.Remaining <= 0 ? Failure("A budget above the key is spent.")
            : key.ExpiresAt - now < Notice ? HealthCheckResult.Degraded("The key expires within a week.")
            : HealthCheckResult.Healthy();

        HealthCheckResult Failure(string why) => new(context.Registration.FailureStatus, why);
    }
}
