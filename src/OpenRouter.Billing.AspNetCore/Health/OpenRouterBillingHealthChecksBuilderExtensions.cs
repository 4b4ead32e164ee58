using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenRouter.Billing.AspNetCore;
using OpenRouter.Billing.Guard;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Checks the health of an account.</summary>
/// <remarks>The checks look at the figures that the guard keeps anyway, and have them read anew when they are too old, at most as often as a chat would.</remarks>
public static class OpenRouterBillingHealthChecksBuilderExtensions
{
    /// <summary>Checks that there is a balance: unhealthy when it is spent or cannot be read, degraded when it is low or not told.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="degradedBelow">The balance below which the check is degraded, in US dollars.</param>
    /// <param name="account">The account's name; <see langword="null"/> for the unnamed one.</param>
    /// <param name="name">The check's name; <see langword="null"/> for <c>openrouter_balance</c>.</param>
    /// <param name="failureStatus">What a failure is reported as; <see langword="null"/> for unhealthy.</param>
    /// <param name="tags">Tags to choose checks by.</param>
    /// <param name="timeout">The longest time that the check may take; <see langword="null"/> for the guard's own bounds.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    public static IHealthChecksBuilder AddOpenRouterBalance(this IHealthChecksBuilder builder, decimal degradedBelow = 0, string? account = null, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, TimeSpan? timeout = null) =>
        Add(builder, name ?? "openrouter_balance", account, guard => new BalanceHealthCheck(guard, degradedBelow), failureStatus, tags, timeout);

    /// <summary>Checks that the key works: unhealthy when its cap or a budget above it is spent, or when it cannot be read; degraded in the week before it expires.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="account">The account's name; <see langword="null"/> for the unnamed one.</param>
    /// <param name="name">The check's name; <see langword="null"/> for <c>openrouter_key</c>.</param>
    /// <param name="failureStatus">What a failure is reported as; <see langword="null"/> for unhealthy.</param>
    /// <param name="tags">Tags to choose checks by.</param>
    /// <param name="timeout">The longest time that the check may take; <see langword="null"/> for the guard's own bounds.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    public static IHealthChecksBuilder AddOpenRouterKey(this IHealthChecksBuilder builder, string? account = null, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, TimeSpan? timeout = null) =>
        Add(builder, name ?? "openrouter_key", account, (guard, services) => new KeyHealthCheck(guard, Clock(services)), failureStatus, tags, timeout);

    /// <summary>Checks that the ledger answers.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="account">The account's name; <see langword="null"/> for the unnamed one.</param>
    /// <param name="name">The check's name; <see langword="null"/> for <c>openrouter_ledger</c>.</param>
    /// <param name="failureStatus">What a failure is reported as; <see langword="null"/> for unhealthy.</param>
    /// <param name="tags">Tags to choose checks by.</param>
    /// <param name="timeout">The longest time that the check may take; <see langword="null"/> for 5 seconds.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    public static IHealthChecksBuilder AddOpenRouterLedger(this IHealthChecksBuilder builder, string? account = null, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name ?? "openrouter_ledger",
            services => new LedgerHealthCheck(services.GetRequiredKeyedService<IBillingLedger>(account ?? string.Empty), Clock(services)),
            failureStatus,
            tags,
            timeout ?? TimeSpan.FromSeconds(5)));
    }

    /// <summary>Checks that what decisions are made by is not too old.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="maxAge">How old a figure may be; <see langword="null"/> for 10 minutes.</param>
    /// <param name="account">The account's name; <see langword="null"/> for the unnamed one.</param>
    /// <param name="name">The check's name; <see langword="null"/> for <c>openrouter_readings</c>.</param>
    /// <param name="failureStatus">What a failure is reported as; <see langword="null"/> for unhealthy.</param>
    /// <param name="tags">Tags to choose checks by.</param>
    /// <param name="timeout">The longest time that the check may take; <see langword="null"/> for the guard's own bounds.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxAge"/> is not positive.</exception>
    public static IHealthChecksBuilder AddOpenRouterReadings(this IHealthChecksBuilder builder, TimeSpan? maxAge = null, string? account = null, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, TimeSpan? timeout = null)
    {
        var oldest = maxAge ?? TimeSpan.FromMinutes(10);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(oldest, TimeSpan.Zero, nameof(maxAge));
        return Add(builder, name ?? "openrouter_readings", account, (guard, services) => new ReadingsHealthCheck(guard, Clock(services), oldest), failureStatus, tags, timeout);
    }

    private static IHealthChecksBuilder Add(IHealthChecksBuilder builder, string name, string? account, Func<IBillingGuard, IHealthCheck> create, HealthStatus? failureStatus, IEnumerable<string>? tags, TimeSpan? timeout) =>
        Add(builder, name, account, (guard, _) => create(guard), failureStatus, tags, timeout);

    private static IHealthChecksBuilder Add(IHealthChecksBuilder builder, string name, string? account, Func<IBillingGuard, IServiceProvider, IHealthCheck> create, HealthStatus? failureStatus, IEnumerable<string>? tags, TimeSpan? timeout)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            services => create(services.GetRequiredKeyedService<IBillingGuard>(account ?? string.Empty), services),
            failureStatus,
            tags,
            timeout));
    }

    private static TimeProvider Clock(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;
}
