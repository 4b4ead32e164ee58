namespace OpenRouter.Billing.Guard;

/// <summary>What a policy sees, and where it puts its answer.</summary>
internal sealed class BillingPolicyContext(BillableRequest request, AccountSnapshot snapshot, CostEstimate? estimate, BillingGuardOptions options, DateTimeOffset now)
{
    // One billionth of a dollar: what a request that costs nothing claims on a limit which, once spent, refuses even that.
    public const decimal LeastCost = 0.000000001m;

    private readonly List<LimitClaim> _claims = [];

    public BillableRequest Request => request;

    public AccountSnapshot Snapshot => snapshot;

    public BillingGuardOptions Options => options;

    public DateTimeOffset Now => now;

    /// <summary>Gets what the request may cost, in US dollars.</summary>
    public decimal Cost { get; } =
        !request.IsPaid ? 0
        : estimate?.ClaimOver(options.PaidRequestClaim) ?? options.PaidRequestClaim;

    /// <summary>Gets what the cost was worked out from; null when the prices or the prompt say nothing, and for free requests.</summary>
    public CostEstimate? Estimate => estimate;

    /// <summary>Gets what the request claims on limits that refuse everything once they are spent.</summary>
    public decimal CostOnSpendableLimit => Math.Max(Cost, LeastCost);

    public IReadOnlyList<LimitClaim> Claims => _claims;

    /// <summary>Gets how far the request is from the limits that the policies claimed.</summary>
    public Headroom Headroom => Headroom.Of(_claims);

    /// <summary>Gets the refusal; null while no policy refused.</summary>
    public BillingVerdict? Refusal { get; private set; }

    /// <summary>Gets whether the request goes out without a limit that counts.</summary>
    public bool IsUnchecked { get; private set; }

    /// <summary>Gets why; null when nothing failed and the figure was merely not told.</summary>
    public Exception? Unchecked { get; private set; }

    public void Claim(in LimitClaim claim) => _claims.Add(claim);

    public void Refuse(BillingCause cause, Exception? fault) => Refusal ??= Refusals.WithoutLimit(cause, request, now, fault);

    /// <summary>Says that a limit which counts cannot be read just now; the options decide what follows.</summary>
    public void CannotKnow(Exception? fault)
    {
        if (options.WhenUnavailable == UnavailableBehavior.Refuse)
        {
            Refuse(BillingCause.Unavailable, fault);
        }
        else
        {
            IsUnchecked = true;
            Unchecked ??= fault;
        }
    }
}
