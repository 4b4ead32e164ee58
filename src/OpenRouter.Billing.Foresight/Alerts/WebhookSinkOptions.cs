namespace OpenRouter.Billing.Foresight;

/// <summary>Where a webhook lies, and how hard it is tried.</summary>
public sealed class WebhookSinkOptions
{
    /// <summary>Gets or sets the address.</summary>
    /// <value>https, or http on a loopback address; <see langword="null"/> by default, which must be set. It is logged nowhere, as it may be a secret itself.</value>
    public Uri? Address { get; set; }

    /// <summary>Gets or sets the secret that bodies are signed with.</summary>
    /// <value><c>whsec_</c> and 24 to 64 bytes in base64; <see langword="null"/> by default, which must be set for <see cref="WebhookAlertSink"/>, and not for Slack.</value>
    public string? Secret { get; set; }

    /// <summary>Gets or sets a second secret to sign with, while receivers change from one to the other.</summary>
    /// <value><see langword="null"/> by default.</value>
    public string? PreviousSecret { get; set; }

    /// <summary>Gets or sets how much an alert must matter to be sent here.</summary>
    /// <value><see cref="AlertSeverity.Info"/> by default.</value>
    public AlertSeverity LeastSeverity { get; set; }

    /// <summary>Gets or sets how often an alert is tried.</summary>
    /// <value>Attempts; 5 by default; 1 to 10.</value>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Gets or sets how long one attempt may take.</summary>
    /// <value>15 seconds by default; positive.</value>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets the wait before the second attempt; it doubles each time and carries jitter.</summary>
    /// <value>5 seconds by default; positive. A longer <c>Retry-After</c> wins while it fits into <see cref="TotalTimeout"/>.</value>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long all attempts may take together.</summary>
    /// <value>5 minutes by default; positive, at most 5 minutes.</value>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets what becomes of an alert that no attempt could deliver.</summary>
    /// <value><see langword="null"/> by default: it is logged, without its text.</value>
    public Func<BillingAlert, CancellationToken, ValueTask>? OnUndelivered { get; set; }
}
