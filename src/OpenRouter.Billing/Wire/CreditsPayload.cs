namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>GET /credits</c>.</summary>
internal sealed record CreditsPayload(CreditsPayload.Sums? Data) : IWirePayload
{
    public string? FindMissing() => Data switch
    {
        null => "data",
        { TotalCredits: null } => "data.total_credits",
        { TotalUsage: null } => "data.total_usage",
        _ => null,
    };

    public CreditBalance ToCreditBalance() => new()
    {
        TotalCredits = Data!.TotalCredits!.Value,
        TotalUsage = Data.TotalUsage!.Value,
    };

    internal sealed record Sums(decimal? TotalCredits, decimal? TotalUsage);
}
