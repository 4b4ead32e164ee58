namespace OpenRouter.Billing.Sql;

/// <summary>How a ledger gets on with its database, for health checks.</summary>
public sealed record SqlLedgerHealth
{
    /// <summary>Gets whether the database answered when it was last called, or was not called yet.</summary>
    /// <value>
    /// While <see langword="false"/>, one call at a time tries the database, and all others fail at once. A database that refuses
    /// one statement, for its values or for a right that is missing, has answered.
    /// </value>
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

    /// <summary>Gets the SQLSTATE of the last fault, such as <c>42501</c>.</summary>
    /// <value><see langword="null"/> when there was none yet, or it came with none: as when the database could not be reached, and with SQLite.</value>
    public string? LastFaultCode { get; init; }

    /// <summary>Gets how many settlements and returns wait in memory to be written.</summary>
    public required int QueuedSettlements { get; init; }
}
