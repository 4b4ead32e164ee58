namespace OpenRouter.Billing.Sql;

/// <summary>A limit's row, while a transaction works on it.</summary>
internal sealed class SqliteLimit(long id)
{
    public long Id => id;

    public bool IsChanged { get; set; }

    public long Leased { get; set; }

    /// <summary>Gets or sets all that was ever settled.</summary>
    public Int128 Total { get; set; }

    /// <summary>Gets or sets where the newest second with use ends; 0 when there never was any.</summary>
    public long LastEnd { get; set; }

    public int Buckets { get; set; }

    public int CompactAbove { get; set; } = 512;

    /// <summary>Gets or sets how far back claims have looked, in ticks.</summary>
    public long Reach { get; set; }
}
