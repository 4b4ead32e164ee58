namespace OpenRouter.Billing.Guard;

/// <summary>Why a request may not go out.</summary>
public enum BillingCause
{
    /// <summary>No cause that this version knows.</summary>
    Unknown,

    /// <summary>The key is unknown, disabled or expired.</summary>
    Authentication,

    /// <summary>The key may not do this; a management key cannot call models.</summary>
    Permission,

    /// <summary>A guardrail budget of the key is spent or too small.</summary>
    GuardrailBudget,

    /// <summary>A budget of the member who owns the key is spent or too small; it covers all of the member's keys.</summary>
    MemberBudget,

    /// <summary>A budget of the workspace is spent or too small; it covers all keys of the workspace.</summary>
    WorkspaceBudget,

    /// <summary>The key's own cap is spent or too small.</summary>
    KeyLimit,

    /// <summary>The account's balance is negative or too small.</summary>
    AccountCredits,

    /// <summary>The account's free requests of the UTC day are used up.</summary>
    FreeRequestsPerDay,

    /// <summary>The account's free requests of the minute are used up.</summary>
    FreeRequestsPerMinute,

    /// <summary>A limit that must be known cannot be read just now.</summary>
    Unavailable,

    /// <summary>The request's body cannot be read, and the guard is set to refuse then.</summary>
    UnreadableRequest,

    /// <summary>A request to free models asks for something that costs, and the guard is set to refuse that.</summary>
    PaidAddOn,
}
