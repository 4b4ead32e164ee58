namespace OpenRouter.Billing.Foresight;

/// <summary>Where the days of a forecast come from.</summary>
public enum ForecastSource
{
    /// <summary>The caller.</summary>
    Given,

    /// <summary>OpenRouter's activity, which knows the spending of all apps.</summary>
    Activity,

    /// <summary>The guard's ledger, which knows the spending of the apps that share it.</summary>
    Ledger,
}
