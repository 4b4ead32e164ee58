namespace OpenRouter.Billing.Foresight;

/// <summary>That a process set out to reload. It is written down before the app's hook is called, so that no crash has it called twice.</summary>
internal sealed record ReloadClaim
{
    public required string Id { get; init; }

    public required DateTimeOffset At { get; init; }

    public required decimal Amount { get; init; }
}
