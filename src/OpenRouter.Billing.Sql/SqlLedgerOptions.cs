namespace OpenRouter.Billing.Sql;

/// <summary>Where in its database a ledger lies, and how long it waits for it.</summary>
public sealed class SqlLedgerOptions
{
    /// <summary>Gets or sets what the names of the ledger's tables and functions begin with.</summary>
    /// <value><c>openrouter_billing_</c> by default. Lower-case letters, digits and underscores, at most 30. Ledgers of several accounts share one prefix without harm.</value>
    public string TablePrefix { get; set; } = "openrouter_billing_";

    /// <summary>Gets or sets the PostgreSQL schema that the tables lie in.</summary>
    /// <value><see langword="null"/> by default, for the first schema of the connection's search path. For PostgreSQL only; named as <see cref="TablePrefix"/> is.</value>
    public string? SchemaName { get; set; }

    /// <summary>Gets or sets whether the ledger creates its tables when it finds none.</summary>
    /// <value><see langword="true"/> by default. With <see langword="false"/> run <see cref="SqlLedgerSchema.GetScript"/> first; then the ledger needs no right to create anything.</value>
    public bool CreatesSchema { get; set; } = true;

    /// <summary>Gets or sets how long a call waits for the database before the database counts as down.</summary>
    /// <value>5 seconds by default; positive, at most one hour. A short restart of the database is waited for; then requests end as <c>WhenUnavailable</c> of the guard says.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how many settlements and returns wait in memory while the database is down.</summary>
    /// <value>50,000 by default; positive. What does not fit is told to who settles, and its lease counts in full when it expires.</value>
    public int MaxQueuedSettlements { get; set; } = 50_000;

    /// <summary>Keeps what is set now, whatever becomes of these options.</summary>
    internal SqlLedgerOptions Copy() => (SqlLedgerOptions)MemberwiseClone();
}
