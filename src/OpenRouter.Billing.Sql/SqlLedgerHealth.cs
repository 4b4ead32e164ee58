namespace OpenRouter.Billing.Sql;

/// <summary>How a ledger gets on with its database, for health checks.</summary>
public sealed record SqlLedgerHealth
{
    /// <summary>Gets whether the last call to the database succeeded, or none was made yet.</summary>
    /// <value>While <see langword="false"/>, one call at a time tries the database, and all others fail at once.</value>
    public required bool IsAvailable { get; init; }

    /// <summary>Gets when a call to the database last succeeded.</summary>
    /// <value>UTC, by this process's clock; <see langword="null"/> when none has yet.</value>
    public DateTimeOffset? LastSuccessAt { get; init; }

    /// <summary>Gets when a call to the database last failed.</summary>
    /// <value>UTC, by this process's clock; <see langword="null"/> when none has yet.</value>
    public DateTimeOffset? LastFaultAt { get; init; }

    /// <summary>Gets the type of the last fault, such as <c>Npgsql.NpgsqlException</c>.</summary>
    /// <value><see langword="null"/> when there was none yet. Its message, which may name servers and users, is not repeated here.</value>
    public string? LastFaultType { get; init; }

    /// <summary>Gets how many settlements and returns wait in memory to be written.</summary>
    public required int QueuedSettlements { get; init; }
}
