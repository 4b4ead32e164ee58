namespace OpenRouter.Billing.Guard;

/// <summary>Sums of spending by day and labels. Its owner locks.</summary>
internal sealed class SpendBook
{
    /// <summary>Days that are kept: as many as OpenRouter's activity has, today, and what a late settlement may still change.</summary>
    private const int KeptDays = 32;

    // Labels come from requests, and some apps have a member per visitor: above this the sums are no longer told apart.
    private const int MostRows = 50_000;

    private readonly Dictionary<(int Day, SpendLabels Labels), Row> _rows = new(new RowComparer());
    private int _lastDay;

    /// <summary>Finds the sum that spending of a day belongs to.</summary>
    public Row RowOf(long ticks, in SpendLabels labels)
    {
        var day = DateOnly.FromDateTime(new DateTime(ticks, DateTimeKind.Utc)).DayNumber;
        if (_rows.TryGetValue((day, labels), out var row))
        {
            return row;
        }

        Forget(day);
        var key = _rows.Count < MostRows ? (day, labels) : (day, default);
        if (!_rows.TryGetValue(key, out row))
        {
            _rows.Add(key, row = new Row());
        }

        return row;
    }

    /// <summary>Sums up.</summary>
    public SpendEntry[] Read(SpendQuery query)
    {
        var (from, to) = (query.From?.DayNumber ?? 0, query.To?.DayNumber ?? int.MaxValue);
        return
        [
            .. _rows.Where(row => row.Key.Day >= from && row.Key.Day <= to && Counts(row.Key.Labels, query.Where))
                .GroupBy(row => (Day: query.GroupBy.HasFlag(SpendGrouping.Day) ? row.Key.Day : (int?)null, Labels: Keep(row.Key.Labels, query.GroupBy)), row => row.Value)
                .Select(rows => Sum(rows.Key.Day, rows.Key.Labels, rows))
                .OrderBy(entry => entry.Day).ThenByDescending(entry => entry.Cost),
        ];
    }

    private static SpendEntry Sum(int? day, SpendLabels labels, IEnumerable<Row> rows)
    {
        var (requests, cost, withByok) = (0L, (Int128)0, (Int128)0);
        foreach (var row in rows)
        {
            requests += row.Requests;
            cost += row.Cost;
            withByok += row.CostWithByok;
        }

        return new SpendEntry
        {
            Day = day is { } number ? DateOnly.FromDayNumber(number) : null,
            Labels = labels,
            Requests = requests,
            Cost = NanoDollars.ToDollars(cost),
            ByokCost = NanoDollars.ToDollars(Int128.Max(0, withByok - cost)),
        };
    }

    private static bool Counts(in SpendLabels labels, in SpendLabels wanted) =>
        (wanted.Project is null || wanted.Project == labels.Project)
        && (wanted.Member is null || wanted.Member == labels.Member)
        && (wanted.Workspace is null || wanted.Workspace == labels.Workspace)
        && (wanted.KeyHash is null || wanted.KeyHash == labels.KeyHash)
        && (wanted.Model is null || wanted.Model == labels.Model);

    private static SpendLabels Keep(in SpendLabels labels, SpendGrouping grouping) => new()
    {
        Project = grouping.HasFlag(SpendGrouping.Project) ? labels.Project : null,
        Member = grouping.HasFlag(SpendGrouping.Member) ? labels.Member : null,
        Workspace = grouping.HasFlag(SpendGrouping.Workspace) ? labels.Workspace : null,
        KeyHash = grouping.HasFlag(SpendGrouping.Key) ? labels.KeyHash : null,
        Model = grouping.HasFlag(SpendGrouping.Model) ? labels.Model : null,
    };

    private void Forget(int today)
    {
        if (today <= _lastDay)
        {
            return;
        }

        _lastDay = today;
        foreach (var key in _rows.Keys)
        {
            if (key.Day <= today - KeptDays)
            {
                _rows.Remove(key);
            }
        }
    }

    /// <summary>A sum: requests, nano-dollars of credits, and nano-dollars with spending through own provider keys.</summary>
    internal sealed class Row
    {
        public long Requests { get; set; }

        public Int128 Cost { get; set; }

        public Int128 CostWithByok { get; set; }
    }

    // The key's hash is long, and its beginning tells keys apart as well as the whole.
    private sealed class RowComparer : IEqualityComparer<(int Day, SpendLabels Labels)>
    {
        private const int Beginning = 8;

        public bool Equals((int Day, SpendLabels Labels) x, (int Day, SpendLabels Labels) y) => x.Day == y.Day && x.Labels == y.Labels;

        public int GetHashCode((int Day, SpendLabels Labels) obj) =>
            HashCode.Combine(obj.Day, obj.Labels.Model, obj.Labels.Project, obj.Labels.Member, obj.Labels.Workspace, BeginningOf(obj.Labels.KeyHash));

        private static int BeginningOf(string? keyHash) => string.GetHashCode(keyHash.AsSpan(0, Math.Min(Beginning, keyHash?.Length ?? 0)), StringComparison.Ordinal);
    }
}
