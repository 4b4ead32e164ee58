namespace OpenRouter.Billing.Foresight;

/// <summary>A time ahead of something at which somebody is told.</summary>
public sealed class AlertHorizonOptions
{
    /// <summary>Gets or sets how long ahead.</summary>
    /// <value>Zero by default, which must be set; at most a year.</value>
    public TimeSpan Within { get; set; }

    /// <summary>Gets or sets how much it matters.</summary>
    /// <value><see cref="AlertSeverity.Warning"/> by default.</value>
    public AlertSeverity Severity { get; set; } = AlertSeverity.Warning;

    /// <summary>Gets for whom it is meant.</summary>
    /// <value>Empty by default, for <see cref="BillingAlertOptions.Recipients"/>.</value>
    public IList<string> Recipients { get; } = [];
}
