namespace OpenRouter.Billing.Foresight;

/// <summary>What has been told, and what is still on its way, as processes share it.</summary>
internal sealed class AlertState
{
    /// <summary>Gets what has been told, by rule.</summary>
    public Dictionary<string, Told> Told { get; init; } = [];

    /// <summary>Gets the alerts that not every sink has taken or given up yet.</summary>
    public List<Pending> Pending { get; init; } = [];
}

/// <summary>That a rule's alert has been told.</summary>
/// <param name="Window">The period that it was told in; null when it is told until the figure has come back.</param>
/// <param name="SeenAt">When it was still so; what nobody has seen for long is forgotten.</param>
internal sealed record Told(string? Window, DateTimeOffset SeenAt);

/// <summary>An alert that one process is delivering.</summary>
/// <param name="Alert">The alert.</param>
/// <param name="ClaimedUntil">Until when nobody else should; a process that ended in between has lost it then.</param>
internal sealed record Pending(BillingAlert Alert, DateTimeOffset ClaimedUntil);
