namespace OpenRouter.Billing;

/// <summary>How a key is rotated.</summary>
public sealed class KeyRotationOptions
{
    /// <summary>Gets or sets how long the old key, already switched off, is kept before it is deleted.</summary>
    /// <value>One hour by default; not negative and at most 30 days. Until then it can be switched on again.</value>
    public TimeSpan GraceTime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets when the new key stops working.</summary>
    /// <value>UTC; <see langword="null"/> by default: when the old one would have.</value>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>Gets or sets what is told about each step once it is done, to be kept for a crash or a cancellation.</summary>
    /// <value><see langword="null"/> by default.</value>
    public Func<KeyRotation, CancellationToken, ValueTask>? OnAdvanced { get; set; }
}
