using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Sql;

/// <summary>What options must keep to. Names go into SQL text, so nothing but letters, digits and underscores gets there.</summary>
internal static partial class SqlLedgerOptionsRules
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public static List<string> Broken(SqlLedgerOptions options, SqlDialect dialect)
    {
        var failures = new List<string>();
        if (!Identifier().IsMatch(options.TablePrefix ?? string.Empty))
        {
            failures.Add($"TablePrefix is '{options.TablePrefix}': use 1 to 30 lower-case letters, digits and underscores that begin with a letter or underscore.");
        }

        if (options.SchemaName is { } schema && !Identifier().IsMatch(schema))
        {
            failures.Add($"SchemaName is '{schema}': use 1 to 30 lower-case letters, digits and underscores that begin with a letter or underscore.");
        }

        if (options.SchemaName is not null && dialect == SqlDialect.Sqlite)
        {
            failures.Add($"SchemaName is '{options.SchemaName}': SQLite has no schemas; leave it null.");
        }

        if (options.Timeout <= TimeSpan.Zero || options.Timeout > Longest)
        {
            failures.Add($"Timeout is {options.Timeout:c}: use a positive time of at most one hour.");
        }

        if (options.MaxQueuedSettlements < 1)
        {
            failures.Add($"MaxQueuedSettlements is {options.MaxQueuedSettlements}: use 1 or more.");
        }

        return failures;
    }

    // \z and not $, which a line break may follow.
    [GeneratedRegex(@"\A[a-z_][a-z0-9_]{0,29}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();
}
