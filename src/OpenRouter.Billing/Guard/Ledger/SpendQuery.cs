namespace OpenRouter.Billing.Guard;

/// <summary>Which spending to sum up, and by what.</summary>
public sealed record SpendQuery
{
    /// <summary>Gets what the sums are told apart by.</summary>
    /// <value><see cref="SpendGrouping.Day"/> by default.</value>
    public SpendGrouping GroupBy { get; init; } = SpendGrouping.Day;

    /// <summary>Gets the first UTC day that counts.</summary>
    /// <value><see langword="null"/> for as far back as the ledger knows.</value>
    public DateOnly? From { get; init; }

    /// <summary>Gets the last UTC day that counts.</summary>
    /// <value><see langword="null"/> for today.</value>
    public DateOnly? To { get; init; }

    /// <summary>Gets whose spending counts: what is not <see langword="null"/> here must be the same there.</summary>
    /// <value>Everybody's by default.</value>
    public SpendLabels Where { get; init; }
}
