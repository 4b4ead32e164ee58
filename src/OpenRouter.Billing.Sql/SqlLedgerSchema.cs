namespace OpenRouter.Billing.Sql;

/// <summary>The tables and functions of a ledger, for those who create them by hand.</summary>
public static class SqlLedgerSchema
{
    /// <summary>The version that this package works with.</summary>
    internal const int Version = 1;

    /// <summary>Gets the SQL that creates an empty ledger.</summary>
    /// <param name="dialect">Which database.</param>
    /// <param name="options">Its <see cref="SqlLedgerOptions.TablePrefix"/> and <see cref="SqlLedgerOptions.SchemaName"/> are used; <see langword="null"/> for the defaults.</param>
    /// <returns>Statements, to be run once and in one transaction. A schema that they name must exist.</returns>
    /// <exception cref="ArgumentException">The options name something that is no plain identifier.</exception>
    public static string GetScript(SqlDialect dialect, SqlLedgerOptions? options = null) => new SqlNames(dialect, options ?? new SqlLedgerOptions()).Fill(Read(dialect));

    private static string Read(SqlDialect dialect)
    {
        using var stream = typeof(SqlLedgerSchema).Assembly.GetManifestResourceStream($"{dialect}.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
