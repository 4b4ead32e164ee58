namespace OpenRouter.Billing.Guard;

/// <summary>A brake that notices what runs away, a loop that sends the same request or spending that is too fast, and stays on for a while.</summary>
/// <remarks>
/// <see cref="BillingGuardOptions.RunawayLimits"/> let out as much as their window holds, for as long as a loop runs. The brake
/// trips instead, and needs quiet to come off again. It looks at the requests of this process.
/// </remarks>
public sealed class RunawayBrakeOptions
{
    /// <summary>Gets or sets what the brake does once it has found something.</summary>
    /// <value><see cref="BrakeAction.None"/> by default: it does not look.</value>
    public BrakeAction Action { get; set; }

    /// <summary>Gets or sets whose requests are looked at together, and braked together.</summary>
    /// <value><see cref="Spender.App"/> by default. Requests that name no such spender are not looked at.</value>
    public Spender Per { get; set; }

    /// <summary>Gets or sets the stretch of time that is looked at, which slides.</summary>
    /// <value>1 minute by default; positive. It is measured to an eighth, on the safe side.</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how often one and the same request may be tried within the window.</summary>
    /// <value>
    /// Requests, 1 to 1,000,000; <see langword="null"/> by default, for any number. Requests are the same when their bodies are, byte for byte;
    /// only a keyed hash of a body is kept, of the last 4,096 bodies.
    /// </value>
    public int? MaxRepeats { get; set; }

    /// <summary>Gets or sets how much may be spent within the window, as billed.</summary>
    /// <value>US dollars, positive; <see langword="null"/> by default, for any amount. What running requests may cost is not counted: <see cref="BillingGuardOptions.RunawayLimits"/> do so.</value>
    public decimal? MaxCost { get; set; }

    /// <summary>Gets or sets how long every request waits while the brake slows down.</summary>
    /// <value>2 seconds by default; positive, at most 1 minute.</value>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets how long the brake stays on.</summary>
    /// <value>30 seconds by default; positive. After it a brake that refuses is half open for as long again.</value>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how many requests a brake that is half open lets through.</summary>
    /// <value>Requests; 1 by default; positive.</value>
    public int Probes { get; set; } = 1;

    /// <summary>Gets whether requests must be told apart by their bodies.</summary>
    internal bool ComparesBodies => Action != BrakeAction.None && MaxRepeats is not null;
}
