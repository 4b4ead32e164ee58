namespace OpenRouter.Billing.Sql;

/// <summary>Where a request is to be admitted.</summary>
internal enum AdmissionRoute
{
    /// <summary>It is admitted, from the allowance.</summary>
    Here,

    /// <summary>It is admitted, and another allowance should be taken before this one is used up.</summary>
    HereAndRenew,

    /// <summary>The shared ledger decides.</summary>
    Shared,

    /// <summary>The shared ledger decides, and an allowance would be worth while for the next.</summary>
    SharedAndRenew,

    /// <summary>A new allowance is waited for.</summary>
    Renew,
}
