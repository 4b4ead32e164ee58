namespace OpenRouter.Billing.Guard;

/// <summary>Why a request may not go out, or why it failed.</summary>
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

    /// <summary>The account never purchased credits; the key may be on the wrong account or organization.</summary>
    NeverFunded,

    /// <summary>The account's balance, or the key's cap, is below the least that this kind of input or output asks for, such as files or images.</summary>
    MinimumBalance,

    /// <summary>Running requests hold the part of the balance that may be in flight at once. The balance itself is not the problem: waiting helps.</summary>
    InFlightBudget,

    /// <summary>The account's free requests of the UTC day are used up.</summary>
    FreeRequestsPerDay,

    /// <summary>The account's free requests of the minute are used up.</summary>
    FreeRequestsPerMinute,

    /// <summary>A limit that must be known cannot be read just now.</summary>
    Unavailable,

    /// <summary>A provider, or one model's shared capacity, takes no more requests just now. It says nothing about the account.</summary>
    ProviderRateLimit,

    /// <summary>A provider or OpenRouter itself failed, timed out or is overloaded.</summary>
    ProviderOverloaded,

    /// <summary>A content guardrail found a prompt injection.</summary>
    PromptInjection,

    /// <summary>The content was flagged by moderation, or refused by a content policy.</summary>
    Moderation,

    /// <summary>The answer failed after it had begun; output may have reached the reader.</summary>
    MidStream,

    /// <summary>The request itself is wrong: its shape, its parameters, its model or its size.</summary>
    Validation,

    /// <summary>The request's body cannot be read, and the guard is set to refuse then.</summary>
    UnreadableRequest,

    /// <summary>A request to free models asks for something that costs, and the guard is set to refuse that.</summary>
    PaidAddOn,

    /// <summary>The request alone may cost more than the app pays for one.</summary>
    RequestCost,

    /// <summary>A budget of the app's own is spent or too small.</summary>
    AppBudget,

    /// <summary>More was spent or asked in a stretch of time than the app thinks sane.</summary>
    RunawayLimit,

    /// <summary>A policy of the app's own refuses it.</summary>
    Policy,

    /// <summary>The runaway brake is on.</summary>
    RunawayBrake,
}
