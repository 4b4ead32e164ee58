namespace OpenRouter.Billing.Foresight;

/// <summary>Whether money lasts, until it starts again or for a year.</summary>
public enum ForecastOutcome
{
    /// <summary>There is too little data to tell; <see cref="ForecastBasis.Missing"/> says which.</summary>
    Unknown,

    /// <summary>It lasts even if as much is spent as may be.</summary>
    Lasts,

    /// <summary>It is expected to last, and may be gone before.</summary>
    MayRunOut,

    /// <summary>It is expected to be gone before.</summary>
    RunsOut,

    /// <summary>It is gone.</summary>
    Spent,
}
