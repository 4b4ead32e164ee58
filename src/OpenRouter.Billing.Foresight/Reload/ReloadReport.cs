namespace OpenRouter.Billing.Foresight;

/// <summary>What came of looking whether it is time to reload, and why.</summary>
public sealed record ReloadReport
{
    /// <summary>Gets what came of it.</summary>
    public required ReloadOutcome Outcome { get; init; }

    /// <summary>Gets what was recommended.</summary>
    public required ReloadAdvice Advice { get; init; }

    /// <summary>Gets which reload it was.</summary>
    /// <value><see langword="null"/> when the app's hook was not called.</value>
    public string? Id { get; init; }

    /// <summary>Gets how the credits arrived.</summary>
    /// <value><see langword="null"/> when none were bought.</value>
    public CreditArrival? Arrival { get; init; }

    /// <summary>Gets what the app's hook threw, that it took too long, or why its purchase could not be recorded.</summary>
    /// <value><see langword="null"/> when nothing went wrong.</value>
    public Exception? Fault { get; init; }
}
