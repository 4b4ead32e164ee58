namespace OpenRouter.Billing.Foresight;

/// <summary>Which kind of money a forecast is about.</summary>
public enum ForecastLimit
{
    /// <summary>The account's balance.</summary>
    Balance,

    /// <summary>What is left of a key's cap.</summary>
    KeyCap,

    /// <summary>What is left of a budget of the app's own.</summary>
    AppBudget,
}
