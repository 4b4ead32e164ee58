namespace OpenRouter.Billing.Guard;

/// <summary>What a policy sees, and where it puts its answer. For one request; not safe for concurrent use.</summary>
public sealed class BillingPolicyContext
{
    // A claim is large, and most requests make two.
    private readonly List<LimitClaim> _claims = new(2);
    private List<LimitClaim>? _bounds;

    internal BillingPolicyContext(BillableRequest request, AccountSnapshot snapshot, CostEstimate? estimate, BillingGuardOptions options, DateTimeOffset now)
    {
        Request = request;
        Snapshot = snapshot;
        Estimate = estimate;
        Options = options;
        Now = now;
        Scope = request.Scope?.Within(BillingScope.Current) ?? BillingScope.Current;
        Cost = !request.IsPaid ? 0 : estimate?.ClaimOver(options.PaidRequestClaim) ?? options.PaidRequestClaim;
    }

    /// <summary>Gets the request.</summary>
    public BillableRequest Request { get; }

    /// <summary>Gets on whose behalf it is made.</summary>
    /// <value>The request's own scope within the ambient one; one that names nobody when there is neither.</value>
    public BillingScope Scope { get; }

    /// <summary>Gets how the guard decides.</summary>
    public BillingGuardOptions Options { get; }

    /// <summary>Gets the instant of the decision, UTC.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>Gets what the request may cost.</summary>
    /// <value>US dollars; 0 for a free request.</value>
    public decimal Cost { get; }

    /// <summary>Gets what the cost was worked out from.</summary>
    /// <value><see langword="null"/> when the prices or the prompt say nothing, and for free requests.</value>
    public CostEstimate? Estimate { get; }

    /// <summary>Gets the account's credits as last read.</summary>
    /// <value><see langword="null"/> when they may not or cannot be read.</value>
    public CreditBalance? Balance => Snapshot.Balance.Value;

    /// <summary>Gets the limits of the request's key as last read.</summary>
    /// <value><see langword="null"/> when they cannot be read.</value>
    public ApiKeyStatus? Key => Snapshot.Key.Value;

    /// <summary>Gets what tells the account from others, for the identities of limits.</summary>
    /// <value>Never a key.</value>
    public string AccountId => Snapshot.AccountId;

    /// <summary>Gets what tells the request's key from others, for the identities of limits.</summary>
    /// <value>The key's SHA-256, in hexadecimal.</value>
    public string KeyHash => Snapshot.KeyHash;

    internal AccountSnapshot Snapshot { get; }

    /// <summary>Gets the request's way past the brake; null when it is only asked about, or there is no brake.</summary>
    internal BrakePass? Pass { get; init; }

    /// <summary>Gets what the request claims on limits that refuse everything once they are spent: where it costs nothing, the least that is more.</summary>
    internal decimal CostOnSpendableLimit => Math.Max(Cost, NanoDollars.One);

    internal IReadOnlyList<LimitClaim> Claims => _claims;

    /// <summary>Gets the limits that know no history: only the request itself counts on them.</summary>
    internal IReadOnlyList<LimitClaim> Bounds => _bounds ?? (IReadOnlyList<LimitClaim>)[];

    /// <summary>Gets how far the request is from the limits that the policies claimed.</summary>
    internal Headroom Headroom => Headroom.Of(_claims);

    /// <summary>Gets the refusal; null while no policy refused.</summary>
    internal BillingVerdict? Refusal { get; private set; }

    /// <summary>Gets whether the request goes out without a limit that counts.</summary>
    internal bool IsUnchecked { get; private set; }

    /// <summary>Gets why; null when nothing failed and the figure was merely not told.</summary>
    internal Exception? Unchecked { get; private set; }

    /// <summary>Claims room on a limit.</summary>
    /// <param name="claim">The claim; one of <see cref="BillingCause.Policy"/> is refused as <see cref="PolicyRefusedException"/>.</param>
    /// <exception cref="ArgumentException">The claim names no limit, or its amount is negative.</exception>
    public void Claim(in LimitClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim.Limit);
        ArgumentOutOfRangeException.ThrowIfNegative(claim.Amount);
        _claims.Add(claim);
    }

    /// <summary>Refuses the request.</summary>
    /// <param name="remedy">What would let it pass, in a sentence. It is shown in the exception, so it holds nothing secret.</param>
    /// <exception cref="ArgumentException"><paramref name="remedy"/> is empty.</exception>
    public void Refuse(string remedy)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(remedy);
        Refusal ??= Refusals.WithoutLimit(BillingCause.Policy, Request, Now, null) with { Remedy = remedy };
    }

    /// <summary>Says that a limit which counts cannot be read just now; <see cref="BillingGuardOptions.WhenUnavailable"/> decides what follows.</summary>
    /// <param name="fault">What went wrong; <see langword="null"/> when the figure is merely not told.</param>
    public void CannotKnow(Exception? fault)
    {
        if (Options.WhenUnavailable == UnavailableBehavior.Refuse)
        {
            Refuse(BillingCause.Unavailable, fault);
        }
        else
        {
            IsUnchecked = true;
            Unchecked ??= fault;
        }
    }

    internal void Bound(in LimitClaim bound) => (_bounds ??= []).Add(bound);

    internal void Refuse(BillingCause cause, Exception? fault) => Refusal ??= Refusals.WithoutLimit(cause, Request, Now, fault);

    internal SpenderIdentity? Identify(Spender kind) => SpenderIdentity.Of(kind, Scope, Snapshot);
}
