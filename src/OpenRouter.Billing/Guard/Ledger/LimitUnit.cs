namespace OpenRouter.Billing.Guard;

/// <summary>What a limit counts.</summary>
public enum LimitUnit
{
    /// <summary>US dollars; a ledger counts billionths of one (nano-dollars).</summary>
    UsDollars,

    /// <summary>US dollars, spending through the account's own provider keys included; counted as <see cref="UsDollars"/> are.</summary>
    UsDollarsWithByok,

    /// <summary>Requests.</summary>
    Requests,
}
