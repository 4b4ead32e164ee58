namespace OpenRouter.Billing.Guard;

/// <summary>How the guard decides.</summary>
public sealed class BillingGuardOptions
{
    /// <summary>Gets or sets what the guard does with what it decides.</summary>
    /// <value><see cref="BillingGuardMode.Enforce"/> by default. It may change while the app runs.</value>
    public BillingGuardMode Mode { get; set; }

    /// <summary>Gets or sets the balance that is never spent.</summary>
    /// <value>US dollars; 0 by default, so that the whole balance may be used. Not negative.</value>
    public decimal MinimumBalance { get; set; }

    /// <summary>Gets or sets whether the account pays by invoice, and so has no balance that could run out.</summary>
    /// <value>
    /// <see langword="false"/> by default. With <see langword="true"/> the balance is neither asked for nor checked, so
    /// that it cannot be set beside a <see cref="MinimumBalance"/>; caps, budgets and quotas hold as ever.
    /// </value>
    public bool PaysByInvoice { get; set; }

    /// <summary>Gets or sets how the guard finds out what a paid request may cost.</summary>
    /// <value>
    /// <see cref="PricingMode.Catalogue"/> by default: a request claims the upper bound of its <see cref="CostEstimate"/>, at the
    /// prices of each model's top provider. With <see cref="PricingMode.DearestEndpoint"/> at those of its dearest one.
    /// </value>
    public PricingMode Pricing { get; set; } = PricingMode.Catalogue;

    /// <summary>Gets or sets what a paid request claims at least when its cost has no upper bound that is known.</summary>
    /// <value>
    /// US dollars; 0.05 by default; positive. Set it to the most that one of your requests can cost: requests that cost more
    /// than they claimed are the only way to pass a limit.
    /// </value>
    public decimal PaidRequestClaim { get; set; } = 0.05m;

    /// <summary>Gets or sets what one request may cost at most.</summary>
    /// <value>US dollars, positive; <see langword="null"/> by default, for any amount.</value>
    public decimal? MaxRequestCost { get; set; }

    /// <summary>Gets the app's own budgets, which the ledger alone counts.</summary>
    /// <value>Empty by default.</value>
    public IList<AppBudgetOptions> Budgets { get; } = [];

    /// <summary>Gets the limits on loops that run away, each for any stretch of time of some length.</summary>
    /// <value>Empty by default.</value>
    public IList<RunawayLimitOptions> RunawayLimits { get; } = [];

    /// <summary>Gets the brake that trips when something runs away, and stays on for a while.</summary>
    /// <value>Off by default.</value>
    public RunawayBrakeOptions Brake { get; } = new();

    /// <summary>Gets or sets whether a request that asks for more output than the money affords is sent with a lower cap instead of refused.</summary>
    /// <value>
    /// <see langword="false"/> by default. The cap is lowered in the body of that attempt only; the request object keeps its own,
    /// and every other byte of the body stays. A budget for reasoning is not lowered with it.
    /// </value>
    public bool LowerOutputCap { get; set; }

    /// <summary>Gets or sets the output cap below which a request is rather refused than lowered.</summary>
    /// <value>Tokens; 256 by default; positive.</value>
    public int LeastOutputTokens { get; set; } = 256;

    /// <summary>Gets or sets how old prices may be before the next request starts to read them anew, in the background.</summary>
    /// <value>1 hour by default; positive. Prices that cannot be read anew are used on.</value>
    public TimeSpan PriceRefreshAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets what happens to a request when a limit that must be known cannot be read.</summary>
    /// <value><see cref="UnavailableBehavior.Refuse"/> by default.</value>
    public UnavailableBehavior WhenUnavailable { get; set; } = UnavailableBehavior.Refuse;

    /// <summary>Gets or sets whether a refusal by OpenRouter itself is thrown as the same exception as a refusal by the guard.</summary>
    /// <value>
    /// <see langword="true"/> by default. With <see langword="false"/> the answer is returned byte for byte, and the guard learns from
    /// it all the same; up to 64 KiB of its body are read first, for at most <see cref="ReadingTimeout"/>. Failures that are not about money or the key are always returned.
    /// </value>
    public bool ThrowOnServerRefusal { get; set; } = true;

    /// <summary>Gets or sets what happens to a request whose body cannot be read, so that its model and its size are unknown.</summary>
    /// <value><see cref="UnreadableBehavior.Allow"/> by default: it counts as paid.</value>
    public UnreadableBehavior WhenUnreadable { get; set; } = UnreadableBehavior.Allow;

    /// <summary>Gets or sets whether a request to free models is refused when it asks for something that costs on them too.</summary>
    /// <value><see langword="false"/> by default: it is priced. Plugins, tools, parsed files and <c>:online</c> are such things.</value>
    public bool RefusePaidAddOns { get; set; }

    /// <summary>Gets or sets how old a reading may be before the next request starts a new one in the background.</summary>
    /// <value>
    /// 30 seconds by default; positive. Where a thousand such requests and more fit below every limit it is half of
    /// <see cref="MaxReadingAge"/>, if that is longer.
    /// </value>
    public TimeSpan RefreshAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how old a reading may be before a request waits for a new one.</summary>
    /// <value>5 minutes by default; not shorter than <see cref="RefreshAfter"/>. Own spending since the reading is always counted.</value>
    public TimeSpan MaxReadingAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how old the reading behind a refusal may be; an older one is read again before saying no.</summary>
    /// <value>
    /// 5 seconds by default; positive. So a purchase is noticed within this time. Where fewer than ten such requests fit below a
    /// limit, an older reading is read again before saying yes, too; one that cannot be had decides as it is.
    /// </value>
    public TimeSpan MaxRefusalReadingAge { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long a request waits for a reading, or for the ledger, before <see cref="WhenUnavailable"/> decides.</summary>
    /// <value>5 seconds by default; positive.</value>
    public TimeSpan ReadingTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long own use may take at most to show in the server's figures.</summary>
    /// <value>60 seconds by default; not negative. Close to a limit, spending of this last while is counted twice and refused too early, never too late.</value>
    public TimeSpan SettlementLag { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets how short a lag the guard may learn instead of <see cref="SettlementLag"/>, from when its own spending shows.</summary>
    /// <value>
    /// 10 seconds by default, which a clock that is corrected by some seconds does not eat up; with <see cref="SettlementLag"/>
    /// or more nothing is learned. The lag is learned for the balance and for each key, as long as nobody else spends there:
    /// after a pause of one <see cref="SettlementLag"/> the figures must equal what was booked, to the nano-dollar. It is
    /// learned only with <see cref="InMemoryBillingLedger"/>, which shares the guard's clock, and never for free requests.
    /// </value>
    public TimeSpan LeastSettlementLag { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how many requests to free models the account may make in any 60 seconds.</summary>
    /// <value>Requests; 20 by default, as OpenRouter enforces; positive. OpenRouter does not report this limit.</value>
    public int FreeRequestsPerMinute { get; set; } = 20;

    /// <summary>Gets or sets how long a request to free models waits for room in the minute, instead of being refused at once.</summary>
    /// <value>Zero by default: it is refused; not negative. Whoever would have to wait longer is refused without waiting; those who wait go out in turn.</value>
    public TimeSpan FreeMinuteWait { get; set; }

    /// <summary>Gets or sets after which time a claim that was never settled is taken for spent in full.</summary>
    /// <value>15 minutes by default; positive. Longer than your longest answer.</value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Gets or sets how long the guard tries to find out what an answer cost that did not say so, such as an abandoned stream.</summary>
    /// <value>5 minutes by default; zero switches it off. What is not found out in time is booked at the full claim.</value>
    public TimeSpan ReconcileFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how large a request body may be to be read.</summary>
    /// <value>Bytes; 32 MiB by default; positive. What becomes of a larger one, <see cref="WhenUnreadable"/> says.</value>
    public int MaxRequestBytes { get; set; } = 32 * 1024 * 1024;
}
