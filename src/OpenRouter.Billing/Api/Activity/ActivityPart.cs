namespace OpenRouter.Billing;

/// <summary>The activity of one key or one member.</summary>
/// <param name="Id">The key's hash or the member's id.</param>
/// <param name="Entries">The rows in the server's order; empty when nothing was used, and when they could not be read (see <paramref name="Failure"/>).</param>
/// <param name="Failure">Why the rows could not be read; <see langword="null"/> when they were.</param>
public sealed record ActivityPart(string Id, IReadOnlyList<ActivityEntry> Entries, OpenRouterBillingException? Failure = null)
{
    /// <summary>Gets the rows added up.</summary>
    /// <value><see langword="null"/> when they could not be read.</value>
    public ActivityTotals? Totals => Failure is null ? ActivityTotals.Of(Entries) : null;
}
