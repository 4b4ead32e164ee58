namespace OpenRouter.Billing.Sql;

/// <summary>Which database keeps a ledger.</summary>
public enum SqlDialect
{
    /// <summary>SQLite 3.24 or later, one file for all processes of one machine; tested with Microsoft.Data.Sqlite. Not on a network drive.</summary>
    Sqlite,

    /// <summary>PostgreSQL 13 or later, for any number of machines; tested with Npgsql.</summary>
    PostgreSql,
}
