namespace OpenRouter.Billing.Wire;

/// <summary>The body of a call that assigns, adds or removes several at once.</summary>
internal sealed record CountPayload : IWirePayload
{
    public long? AssignedCount { get; init; }

    public long? UnassignedCount { get; init; }

    public long? AddedCount { get; init; }

    public long? RemovedCount { get; init; }

    private long? Count => AssignedCount ?? UnassignedCount ?? AddedCount ?? RemovedCount;

    public string? FindMissing() => Count is null ? "assigned_count', 'unassigned_count', 'added_count' or 'removed_count" : null;

    public long ToCount() => Count!.Value;
}
