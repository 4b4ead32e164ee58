namespace OpenRouter.Billing.Guard;

/// <summary>Who spends and on what, as far as sums of spending are told apart by it.</summary>
public readonly record struct SpendLabels
{
    /// <summary>Gets the project.</summary>
    /// <value>As the request's <see cref="BillingScope"/> names it; <see langword="null"/> for none.</value>
    public string? Project { get; init; }

    /// <summary>Gets the member.</summary>
    /// <value>As the request's <see cref="BillingScope"/> names it; <see langword="null"/> for none.</value>
    public string? Member { get; init; }

    /// <summary>Gets the workspace.</summary>
    /// <value>As the request's <see cref="BillingScope"/> names it; <see langword="null"/> for none.</value>
    public string? Workspace { get; init; }

    /// <summary>Gets which key paid, without telling the key.</summary>
    /// <value>The SHA-256 of the key, 64 hexadecimal digits in lower case; <see langword="null"/> when unknown.</value>
    public string? KeyHash { get; init; }

    /// <summary>Gets the model that was asked for.</summary>
    /// <value>A slug such as <c>openai/gpt-4o-mini</c>; <see langword="null"/> when unknown.</value>
    public string? Model { get; init; }
}
