namespace OpenRouter.Billing;

/// <summary>One layer of spending that OpenRouter checks for a key.</summary>
public sealed record KeyBudget
{
    /// <summary>Gets whom the layer binds.</summary>
    /// <remarks>Read from <c>scope</c> in <c>data.budgets[]</c> of <c>GET /key</c>.</remarks>
    public required BudgetScope Scope { get; init; }

    /// <summary>Gets how much may be spent in one window.</summary>
    /// <value>US dollars; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>limit_usd</c>.</remarks>
    public decimal? Limit { get; init; }

    /// <summary>Gets how much has been spent in the current window.</summary>
    /// <value>US dollars; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>spend_usd</c>.</remarks>
    public decimal? Spent { get; init; }

    /// <summary>Gets how much is left of the current window; at zero or below every request is refused.</summary>
    /// <value>US dollars, possibly negative; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>remaining_usd</c>, else the limit less what was spent.</remarks>
    public decimal? Remaining { get; init; }

    /// <summary>Gets how often the window starts again.</summary>
    /// <value><see langword="null"/> when it never does: the layer is for the lifetime.</value>
    /// <remarks>Read from <c>reset_interval</c>.</remarks>
    public ResetInterval? Reset { get; init; }

    /// <summary>Gets when the current window ends.</summary>
    /// <value>UTC; <see langword="null"/> when it never does.</value>
    /// <remarks>Read from <c>resets_at</c>.</remarks>
    public DateTimeOffset? ResetsAt { get; init; }

    /// <summary>Gets whether spending through the account's own provider keys counts.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>include_byok</c>.</remarks>
    public bool? IncludesByok { get; init; }

    /// <summary>Gets the guardrail that carries the layer.</summary>
    /// <value><see langword="null"/> when no guardrail does.</value>
    /// <remarks>Read from <c>guardrail_id</c>.</remarks>
    public string? GuardrailId { get; init; }

    /// <summary>Gets the workspace budget that carries the layer.</summary>
    /// <value><see langword="null"/> when no workspace budget does.</value>
    /// <remarks>Read from <c>budget_id</c>.</remarks>
    public string? BudgetId { get; init; }
}
