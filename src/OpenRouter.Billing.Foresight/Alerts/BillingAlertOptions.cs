namespace OpenRouter.Billing.Foresight;

/// <summary>When who is told what.</summary>
/// <remarks>
/// A list that is left empty has the thresholds that its documentation names. A kind of alert that is not wanted at all goes into
/// <see cref="Muted"/>. Validated when the host starts.
/// </remarks>
public sealed class BillingAlertOptions
{
    /// <summary>Gets or sets how often the account is looked at, by whichever of the apps that share a ledger.</summary>
    /// <value>5 minutes by default; 1 second to 1 day. After a failure it doubles, up to 12 times as long.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how far a figure must come back from its threshold before it may be told again.</summary>
    /// <value>A part of the threshold; 0.1 by default, which is a tenth. 0.01 to 1, without unit.</value>
    public decimal Hysteresis { get; set; } = 0.1m;

    /// <summary>Gets below which balances somebody is told.</summary>
    /// <value>US dollars. Empty by default: a warning at 20, urgent at 5. A balance below zero is urgent in any case.</value>
    public IList<AlertThresholdOptions> BalanceThresholds { get; } = [];

    /// <summary>Gets at which part of a key's cap or of a budget somebody is told.</summary>
    /// <value>Percent. Empty by default: a warning at 80, urgent at 100.</value>
    public IList<AlertThresholdOptions> LimitThresholds { get; } = [];

    /// <summary>Gets at which part of the day's free requests somebody is told.</summary>
    /// <value>Percent. Empty by default: information at 80, a warning at 100.</value>
    public IList<AlertThresholdOptions> FreeQuotaThresholds { get; } = [];

    /// <summary>Gets at how many times the usual spending somebody is told.</summary>
    /// <value>Factors without unit. Empty by default: a warning at 3. A week of days must be known, and today must have cost at least <see cref="SpikeMinimum"/>.</value>
    public IList<AlertThresholdOptions> SpikeThresholds { get; } = [];

    /// <summary>Gets or sets what a day must have cost before it may be called a spike.</summary>
    /// <value>US dollars; 1 by default; not negative.</value>
    public decimal SpikeMinimum { get; set; } = 1m;

    /// <summary>Gets how long before the balance is expected to be gone somebody is told.</summary>
    /// <value>Empty by default: a warning at 3 days, urgent at 1 day.</value>
    public IList<AlertHorizonOptions> DepletionHorizons { get; } = [];

    /// <summary>Gets how long before a key stops working somebody is told.</summary>
    /// <value>Empty by default: a warning at 7 days, urgent at 1 day.</value>
    public IList<AlertHorizonOptions> KeyExpiryHorizons { get; } = [];

    /// <summary>Gets how long before a model that was used may be gone somebody is told.</summary>
    /// <value>Empty by default: a warning at 14 days, urgent at 2 days.</value>
    public IList<AlertHorizonOptions> ModelExpiryHorizons { get; } = [];

    /// <summary>Gets for whom all that is meant that names nobody.</summary>
    /// <value>Empty by default, for everybody.</value>
    public IList<string> Recipients { get; } = [];

    /// <summary>Gets what nobody is told of.</summary>
    /// <value>Empty by default.</value>
    public IList<AlertKind> Muted { get; } = [];
}
