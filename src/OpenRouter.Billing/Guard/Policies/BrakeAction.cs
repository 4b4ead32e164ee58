namespace OpenRouter.Billing.Guard;

/// <summary>What the runaway brake does once it has found something that runs away.</summary>
public enum BrakeAction
{
    /// <summary>Nothing: it does not look.</summary>
    None,

    /// <summary>It tells the log, the meter and the app, and lets every request out.</summary>
    Alert,

    /// <summary>It tells, and has every request wait for <see cref="RunawayBrakeOptions.Delay"/> before it goes out.</summary>
    SlowDown,

    /// <summary>It tells, and refuses requests for <see cref="RunawayBrakeOptions.BreakDuration"/>; then it lets a few through to see whether it is over.</summary>
    Trip,
}
