namespace OpenRouter.Billing.Foresight;

/// <summary>An amount at which somebody is told.</summary>
public sealed class AlertThresholdOptions
{
    /// <summary>Gets or sets the amount.</summary>
    /// <value>US dollars for balances, percent for caps, budgets and quotas, a factor without unit for spikes; 0 by default.</value>
    public decimal At { get; set; }

    /// <summary>Gets or sets how much it matters.</summary>
    /// <value><see cref="AlertSeverity.Warning"/> by default.</value>
    public AlertSeverity Severity { get; set; } = AlertSeverity.Warning;

    /// <summary>Gets for whom it is meant.</summary>
    /// <value>Empty by default, for <see cref="BillingAlertOptions.Recipients"/>.</value>
    public IList<string> Recipients { get; } = [];
}
