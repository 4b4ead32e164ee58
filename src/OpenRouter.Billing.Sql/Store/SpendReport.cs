using System.Data.Common;
using System.Globalization;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>Asks for sums of spending, in SQL that all databases understand.</summary>
/// <param name="names">The names of the tables.</param>
/// <param name="sum">How to add up a column of amounts, so that no sum is too large.</param>
internal sealed class SpendReport(SqlNames names, Func<string, string> sum)
{
    private const decimal PerDollar = 1_000_000_000m;

    private static readonly (SpendGrouping Flag, string Column, Func<SpendLabels, string?> Label)[] Columns =
    [
        (SpendGrouping.Project, "project", labels => labels.Project),
        (SpendGrouping.Member, "member", labels => labels.Member),
        (SpendGrouping.Workspace, "workspace", labels => labels.Workspace),
        (SpendGrouping.Key, "key_hash", labels => labels.KeyHash),
        (SpendGrouping.Model, "model", labels => labels.Model),
    ];

    public (string Sql, object[] Parameters) Ask(SpendQuery query)
    {
        var grouped = query.GroupBy.HasFlag(SpendGrouping.Day) ? new List<string> { "day" } : [];
        grouped.AddRange(Columns.Where(column => query.GroupBy.HasFlag(column.Flag)).Select(column => column.Column));
        var (conditions, parameters) = (new List<string> { "1 = 1" }, new List<object>());
        Restrict("day >=", query.From?.DayNumber);
        Restrict("day <=", query.To?.DayNumber);
        foreach (var (_, column, label) in Columns)
        {
            Restrict($"{column} =", label(query.Where) is { } wanted ? StoredText.Fit(wanted) : null);
        }

        var columns = string.Concat(grouped.Select(column => column + ", "));
        var grouping = grouped.Count == 0 ? string.Empty : " GROUP BY " + string.Join(", ", grouped);
        return (names.Fill($"SELECT {columns}sum(requests), {sum("cost")}, {sum("cost_with_byok")} FROM {{t}}spend WHERE {string.Join(" AND ", conditions)}{grouping}"), [.. parameters]);

        void Restrict(string condition, object? value)
        {
            if (value is not null)
            {
                parameters.Add(value);
                conditions.Add(string.Create(CultureInfo.InvariantCulture, $"{condition} ${parameters.Count}"));
            }
        }
    }

    /// <summary>Reads a row; null for the one without figures, which is the sum of nothing.</summary>
    public static SpendEntry? Read(DbDataReader reader, SpendGrouping grouping, Func<DbDataReader, int, Int128> readSum, int sumColumns = 1)
    {
        var column = 0;
        DateOnly? day = grouping.HasFlag(SpendGrouping.Day) ? DateOnly.FromDayNumber(reader.GetInt32(column++)) : null;
        var labels = new SpendLabels
        {
            Project = Next(SpendGrouping.Project),
            Member = Next(SpendGrouping.Member),
            Workspace = Next(SpendGrouping.Workspace),
            KeyHash = Next(SpendGrouping.Key),
            Model = Next(SpendGrouping.Model),
        };
        if (reader.IsDBNull(column))
        {
            return null;
        }

        var requests = (long)Convert.ToDecimal(reader.GetValue(column), CultureInfo.InvariantCulture);
        var (cost, withByok) = (readSum(reader, column + 1), readSum(reader, column + 1 + sumColumns));
        return new SpendEntry { Day = day, Labels = labels, Requests = requests, Cost = (decimal)cost / PerDollar, ByokCost = (decimal)Int128.Max(0, withByok - cost) / PerDollar };

        string? Next(SpendGrouping flag)
        {
            if (!grouping.HasFlag(flag))
            {
                return null;
            }

            var label = reader.IsDBNull(column) ? null : reader.GetString(column);
            column++;
            return label;
        }
    }

    /// <summary>Orders as a report is read: the earliest day first, and within a day the largest cost.</summary>
    public static IReadOnlyList<SpendEntry> Order(IEnumerable<SpendEntry?> entries) =>
        [.. entries.OfType<SpendEntry>().OrderBy(entry => entry.Day).ThenByDescending(entry => entry.Cost)];
}
