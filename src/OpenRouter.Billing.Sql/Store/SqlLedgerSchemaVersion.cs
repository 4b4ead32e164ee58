namespace OpenRouter.Billing.Sql;

/// <summary>What to make of the version that a database says it has.</summary>
internal static class SqlLedgerSchemaVersion
{
    /// <summary>What is found where the tables were begun and not finished.</summary>
    public const int None = 0;

    /// <summary>Whether the tables are there; if not, they are to be created.</summary>
    /// <exception cref="SqlLedgerUnavailableException">They are others than this package knows, or are missing and must not be created.</exception>
    public static bool IsThere(int? found, SqlLedgerOptions options) => found switch
    {
        SqlLedgerSchema.Version => true,
        null when options.CreatesSchema => false,
        null => throw new SqlLedgerUnavailableException($"There are no tables that begin with '{options.TablePrefix}', and CreatesSchema is off: run the script of SqlLedgerSchema.GetScript."),
        > SqlLedgerSchema.Version => throw new SqlLedgerUnavailableException($"The ledger's tables are of version {found}, and this package knows up to {SqlLedgerSchema.Version}: update OpenRouter.Billing.Sql, or choose another TablePrefix."),
        // Until there is a second version nothing is brought up to date.
        _ => throw new SqlLedgerUnavailableException($"The ledger's tables are of version {found}, which no package has made: drop those that begin with '{options.TablePrefix}' if they were begun and not finished, or choose another TablePrefix."),
    };
}
