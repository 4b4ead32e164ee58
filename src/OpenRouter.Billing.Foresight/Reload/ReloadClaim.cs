namespace OpenRouter.Billing.Foresight;

/// <summary>That a process set out to reload. It is written down before the app's hook is called, so that no crash has it called twice.</summary>
internal sealed record ReloadClaim
{
    public required string Id { get; init; }

    /// <summary>When it set out, by its own clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How much it is to buy, in US dollars of credits.</summary>
    public required decimal Amount { get; init; }
}
