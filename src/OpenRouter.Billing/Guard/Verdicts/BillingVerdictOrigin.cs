namespace OpenRouter.Billing.Guard;

/// <summary>Who said a verdict.</summary>
public enum BillingVerdictOrigin
{
    /// <summary>The guard, from the account's figures and its own ledger. Nothing was sent.</summary>
    Predicted,

    /// <summary>OpenRouter, in its answer to this very request.</summary>
    Answered,

    /// <summary>OpenRouter, in its answer to an earlier request on the same limit, which has not opened since. Nothing was sent.</summary>
    Remembered,
}
