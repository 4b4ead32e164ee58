namespace OpenRouter.Billing.Guard;

/// <summary>How long a budget of the app's own lasts before it starts again, on the UTC calendar.</summary>
public enum BudgetWindow
{
    /// <summary>Until 00:00 UTC.</summary>
    Daily,

    /// <summary>Until Monday, 00:00 UTC.</summary>
    Weekly,

    /// <summary>Until the first of the month, 00:00 UTC.</summary>
    Monthly,

    /// <summary>For ever, as far back as the ledger remembers.</summary>
    Lifetime,
}
