namespace OpenRouter.Billing.Sql;

/// <summary>Puts the names that the options chose into SQL text: <c>{t}</c> begins a table or function, <c>{i}</c> an index.</summary>
internal sealed class SqlNames
{
    private readonly string _prefix;

    public SqlNames(SqlDialect dialect, SqlLedgerOptions options)
    {
        if (!Enum.IsDefined(dialect))
        {
            throw new ArgumentOutOfRangeException(nameof(dialect), dialect, "Use Sqlite or PostgreSql.");
        }

        if (SqlLedgerOptionsRules.Broken(options, dialect) is { Count: > 0 } broken)
        {
            throw new ArgumentException(string.Join(" ", broken), nameof(options));
        }

        _prefix = options.TablePrefix;
        Schema = options.SchemaName;
    }

    /// <summary>Gets the schema; null for the connection's own.</summary>
    public string? Schema { get; }

    public string Fill(string sql) => sql
        .Replace("{t}", Schema is null ? _prefix : $"\"{Schema}\".{_prefix}", StringComparison.Ordinal)
        .Replace("{i}", _prefix, StringComparison.Ordinal);
}
