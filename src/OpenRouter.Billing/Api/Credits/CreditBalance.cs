namespace OpenRouter.Billing;

/// <summary>What an account has bought and used since it exists.</summary>
public sealed record CreditBalance
{
    /// <summary>Gets all credits ever bought.</summary>
    /// <value>US dollars.</value>
    /// <remarks>Read from <c>data.total_credits</c> of <c>GET /credits</c>.</remarks>
    public required decimal TotalCredits { get; init; }

    /// <summary>Gets all credits ever used.</summary>
    /// <value>US dollars.</value>
    /// <remarks>Read from <c>data.total_usage</c> of <c>GET /credits</c>.</remarks>
    public required decimal TotalUsage { get; init; }

    /// <summary>Gets what is left.</summary>
    /// <value>US dollars; negative when the account has been overspent, which blocks free models too.</value>
    public decimal Remaining => TotalCredits - TotalUsage;
}
