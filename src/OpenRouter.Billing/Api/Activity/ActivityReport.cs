using System.Globalization;

namespace OpenRouter.Billing;

/// <summary>Activity by key or by member, each read with a call of its own.</summary>
public sealed record ActivityReport
{
    /// <summary>Gets every key or member that was asked for, in that order, the failed ones included.</summary>
    public required IReadOnlyList<ActivityPart> Parts { get; init; }

    /// <summary>Gets whether all parts were read.</summary>
    public bool IsComplete => Parts.All(part => part.Failure is null);

    /// <summary>Adds all parts up.</summary>
    /// <returns>The totals.</returns>
    /// <exception cref="PartialResultException">A part could not be read, so that the total would be too low; its failure is inside.</exception>
    public ActivityTotals Total() =>
        Parts.Count(part => part.Failure is not null) is > 0 and var failed
            ? throw new PartialResultException(string.Create(CultureInfo.InvariantCulture, $"{failed} of {Parts.Count} parts could not be read, so the total would be too low. Read those again, or take {nameof(PartialTotal)}."), Parts.First(part => part.Failure is not null).Failure)
            : PartialTotal();

    /// <summary>Adds up the parts that were read, knowing that some may be missing.</summary>
    /// <returns>The totals.</returns>
    public ActivityTotals PartialTotal() => ActivityTotals.Of(Parts.SelectMany(part => part.Entries));
}
