namespace OpenRouter.Billing.Foresight;

/// <summary>What an app, or another part of it, wants to have told once.</summary>
public sealed record AlertNotice
{
    /// <summary>Gets what it is about.</summary>
    public required AlertKind Kind { get; init; }

    /// <summary>Gets how much it matters.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>Gets what happened, in a sentence.</summary>
    /// <value>Without keys, prompts and answers: it is stored, logged and sent as it is.</value>
    public required string Message { get; init; }

    /// <summary>Gets what may be told once, such as <c>purchase/2026-11-28T10:00Z/25</c>.</summary>
    /// <value>A notice with the same words is not told again within 60 days, by any process that shares the state.</value>
    public required string Once { get; init; }

    /// <summary>Gets what it happened to.</summary>
    /// <value><see langword="null"/> for the account itself.</value>
    public string? Subject { get; init; }

    /// <summary>Gets the figure that it is about.</summary>
    /// <value>US dollars as a rule; <see langword="null"/> when there is none.</value>
    public decimal? Value { get; init; }

    /// <summary>Gets the threshold that was passed.</summary>
    /// <value>US dollars as a rule; <see langword="null"/> when there is none.</value>
    public decimal? Threshold { get; init; }

    /// <summary>Gets for whom it is meant.</summary>
    /// <value>Empty for <see cref="BillingAlertOptions.Recipients"/>.</value>
    public IReadOnlyList<string> Recipients { get; init; } = [];
}
