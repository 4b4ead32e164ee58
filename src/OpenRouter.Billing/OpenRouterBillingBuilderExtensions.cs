using OpenRouter.Billing;
using OpenRouter.Billing.Guard;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extends the guard of a registered account.</summary>
public static class OpenRouterBillingBuilderExtensions
{
    /// <summary>Adds a policy, which is asked after the guard's own and after those that were added before.</summary>
    /// <typeparam name="TPolicy">The policy; one instance serves all requests of the account.</typeparam>
    /// <param name="builder">The account.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    public static IOpenRouterBillingBuilder AddPolicy<[System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)] TPolicy>(this IOpenRouterBillingBuilder builder)
        where TPolicy : class, IBillingPolicy
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddKeyedSingleton<IBillingPolicy, TPolicy>(builder.Name);
        return builder;
    }

    /// <summary>Adds a policy, which is asked after the guard's own and after those that were added before.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="policy">The policy.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    public static IOpenRouterBillingBuilder AddPolicy(this IOpenRouterBillingBuilder builder, IBillingPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(policy);
        builder.Services.AddKeyedSingleton(builder.Name, policy);
        return builder;
    }

    /// <summary>Adds someone who is told of every refusal.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="observer">The observer.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    public static IOpenRouterBillingBuilder AddRefusalObserver(this IOpenRouterBillingBuilder builder, IBillingRefusalObserver observer)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(observer);
        builder.Services.AddKeyedSingleton(builder.Name, observer);
        return builder;
    }

    /// <summary>Adds someone who is told of every refusal.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="create">Makes the observer, or finds it among the services; once.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    public static IOpenRouterBillingBuilder AddRefusalObserver(this IOpenRouterBillingBuilder builder, Func<IServiceProvider, IBillingRefusalObserver> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(create);
        builder.Services.AddKeyedSingleton(builder.Name, (provider, _) => create(provider));
        return builder;
    }

    /// <summary>Adds someone who is told when the runaway brake comes on, and when it is reset.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="observer">The observer.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    public static IOpenRouterBillingBuilder AddBrakeObserver(this IOpenRouterBillingBuilder builder, IBrakeObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return builder.AddBrakeObserver(_ => observer);
    }

    /// <summary>Adds someone who is told when the runaway brake comes on, and when it is reset.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="create">Makes the observer, or finds it among the services; once.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    public static IOpenRouterBillingBuilder AddBrakeObserver(this IOpenRouterBillingBuilder builder, Func<IServiceProvider, IBrakeObserver> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(create);
        builder.Services.AddKeyedSingleton(builder.Name, (provider, _) => create(provider));
        return builder;
    }
}
