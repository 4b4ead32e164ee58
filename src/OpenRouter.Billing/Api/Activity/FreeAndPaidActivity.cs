namespace OpenRouter.Billing;

/// <summary>Activity by whether it cost anything.</summary>
public sealed record FreeAndPaidActivity
{
    /// <summary>Gets the rows that cost nothing, neither credits nor through own provider keys.</summary>
    public required ActivityTotals Free { get; init; }

    /// <summary>Gets the rows that cost something.</summary>
    public required ActivityTotals Paid { get; init; }

    /// <summary>Gets the rows whose cost the server did not say.</summary>
    public required ActivityTotals Unknown { get; init; }
}
