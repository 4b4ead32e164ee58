namespace OpenRouter.Billing.Foresight;

/// <summary>What a support ticket is about.</summary>
public sealed record IncidentQuery
{
    /// <summary>Gets what happened, in the app's words.</summary>
    /// <value>Up to 300 characters are shown, keys in it are not; <see langword="null"/> for nothing.</value>
    public string? What { get; init; }

    /// <summary>Gets the first instant that matters.</summary>
    /// <value>Any offset; the report has it in UTC.</value>
    public required DateTimeOffset From { get; init; }

    /// <summary>Gets the last instant that matters.</summary>
    /// <value>Any offset; the report has it in UTC. <see langword="null"/> for now.</value>
    public DateTimeOffset? To { get; init; }

    /// <summary>Gets the answers that it is about.</summary>
    /// <value>Empty by default; up to 200.</value>
    public IReadOnlyList<IncidentAnswer> Answers { get; init; } = [];
}
