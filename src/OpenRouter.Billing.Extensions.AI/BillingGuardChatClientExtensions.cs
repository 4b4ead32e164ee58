using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenRouter.Billing;
using OpenRouter.Billing.Extensions.AI;
using OpenRouter.Billing.Guard;

namespace Microsoft.Extensions.AI;

/// <summary>Puts the guard in front of a chat client.</summary>
public static class BillingGuardChatClientExtensions
{
    /// <summary>Guards a chat client.</summary>
    /// <param name="client">The client to guard. Below one that invokes functions, so that each of its rounds is asked for.</param>
    /// <param name="guard">Decides.</param>
    /// <param name="configure">Says how to read the client; <see langword="null"/> (the default) for the defaults.</param>
    /// <returns>The guarded client, which disposes of the other.</returns>
    public static IChatClient UseOpenRouterBillingGuard(this IChatClient client, IBillingGuard guard, Action<BillingGuardChatOptions>? configure = null)
    {
        var options = new BillingGuardChatOptions();
        configure?.Invoke(options);
        return new BillingGuardChatClient(client, guard, options);
    }

    /// <summary>Guards a chat client by a registered account.</summary>
    /// <param name="client">The client to guard. Below one that invokes functions, so that each of its rounds is asked for.</param>
    /// <param name="services">The services on which <c>AddOpenRouterBilling</c> was called.</param>
    /// <param name="name">The account's name; <see langword="null"/> for the unnamed one.</param>
    /// <param name="configure">Says how to read the client; <see langword="null"/> for the defaults.</param>
    /// <returns>The guarded client, which disposes of the other.</returns>
    /// <exception cref="InvalidOperationException">No such account is registered.</exception>
    public static IChatClient UseOpenRouterBillingGuard(this IChatClient client, IServiceProvider services, string? name = null, Action<BillingGuardChatOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var account = name ?? Options.Options.DefaultName;
        var guard = services.GetKeyedService<IBillingGuard>(account) ?? throw new InvalidOperationException(
            $"No billing account '{account}' is registered: call AddOpenRouterBilling on the services, or pass the account's name to UseOpenRouterBillingGuard.");
        var monitor = services.GetRequiredService<IOptionsMonitor<OpenRouterBillingOptions>>();
        var options = new BillingGuardChatOptions();
        configure?.Invoke(options);
        return new BillingGuardChatClient(client, guard, options, services.GetService<ILogger<BillingGuardChatClient>>())
        {
            MayThrowServerRefusals = () => monitor.Get(account).Guard is { ThrowOnServerRefusal: true, Mode: BillingGuardMode.Enforce },
        };
    }
}
