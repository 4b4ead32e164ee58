namespace OpenRouter.Billing.Foresight;

/// <summary>Where a figure stands to a threshold.</summary>
internal enum AlertStanding
{
    /// <summary>So far off that it may be told again.</summary>
    Clear,

    /// <summary>Not passed, but not far enough off either.</summary>
    Near,

    /// <summary>Passed.</summary>
    Passed,
}
