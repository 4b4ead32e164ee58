namespace OpenRouter.Billing.Sql;

/// <summary>What to make of the version that a database says it has.</summary>
internal static class SqlLedgerSchemaVersion
{
    /// <summary>Whether the tables are there and as this package wants them.</summary>
    /// <exception cref="SqlLedgerUnavailableException">They are not, and this ledger cannot or must not change that.</exception>
    public static bool IsCurrent(int? found, SqlLedgerOptions options)
    {
        if (found > SqlLedgerSchema.Version)
        {
            throw new SqlLedgerUnavailableException($"The ledger's tables are of version {found}, and this package knows up to {SqlLedgerSchema.Version}: update OpenRouter.Billing.Sql, or choose another TablePrefix.");
        }

        if (found is null && !options.CreatesSchema)
        {
            throw new SqlLedgerUnavailableException($"There are no tables that begin with '{options.TablePrefix}', and CreatesSchema is off: run the script of SqlLedgerSchema.GetScript.");
        }

        return found == SqlLedgerSchema.Version;
    }
}
