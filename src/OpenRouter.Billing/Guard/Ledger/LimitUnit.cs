namespace OpenRouter.Billing.Guard;

/// <summary>What a limit counts.</summary>
public enum LimitUnit
{
    /// <summary>US dollars; a ledger counts billionths of one (nano-dollars).</summary>
    UsDollars,

    /// <summary>Requests.</summary>
    Requests,
}
