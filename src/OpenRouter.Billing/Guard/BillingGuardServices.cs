using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace OpenRouter.Billing.Guard;

/// <summary>What a guard that is built by hand works with. Whatever is left out has a default.</summary>
public sealed class BillingGuardServices
{
    /// <summary>Gets what counts and holds.</summary>
    /// <value><see langword="null"/> for a ledger in memory.</value>
    public IBillingLedger? Ledger { get; init; }

    /// <summary>Gets what the guard shares with the guards of other processes, so that all together ask OpenRouter as one.</summary>
    /// <value><see langword="null"/> for nothing: the guard asks for itself.</value>
    /// <remarks>
    /// The balance and the key's limits are kept there for 10 minutes under the hash of their key, without the key and its label.
    /// Where it is slow or down the guard asks for itself, which the log is told once. What OpenRouter refused stays known to the guard whose request it was.
    /// </remarks>
    public ISharedState? SharedState { get; init; }

    /// <summary>Gets the clock.</summary>
    /// <value><see langword="null"/> for the system's.</value>
    public TimeProvider? TimeProvider { get; init; }

    /// <summary>Gets where refusals are told.</summary>
    /// <value><see langword="null"/> for nowhere.</value>
    public ILogger<BillingGuard>? Logger { get; init; }

    /// <summary>Gets where the meter comes from.</summary>
    /// <value><see langword="null"/> for a meter of the guard's own, which listeners find by its name all the same.</value>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>Gets what counts prompts.</summary>
    /// <value><see langword="null"/> for the default, which counts too many.</value>
    public ITokenCounter? TokenCounter { get; init; }

    /// <summary>Gets who is told of refusals.</summary>
    /// <value>Empty by default.</value>
    public IEnumerable<IBillingRefusalObserver> RefusalObservers { get; init; } = [];

    /// <summary>Gets the brake that <see cref="BillingGuardOptions.Brake"/> sets.</summary>
    /// <value><see langword="null"/> for one that nobody can take off by hand.</value>
    public RunawayBrake? Brake { get; init; }

    /// <summary>Gets who is told of the brake.</summary>
    /// <value>Empty by default.</value>
    public IEnumerable<IBrakeObserver> BrakeObservers { get; init; } = [];

    /// <summary>Gets the app's own policies, which are asked after the guard's, in this order.</summary>
    /// <value>Empty by default.</value>
    public IEnumerable<IBillingPolicy> Policies { get; init; } = [];
}
