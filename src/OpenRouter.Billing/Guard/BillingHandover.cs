namespace OpenRouter.Billing.Guard;

/// <summary>A claim that is held above an HTTP client, for a guard inside of that client to take over instead of claiming once more.</summary>
/// <remarks>
/// Whoever reserves by hand and cannot know whether what it calls is guarded too, offers its lease:
/// <code>
/// var handover = new BillingHandover(guard, request, lease);
/// using (handover.Begin())
/// {
///     await client.AskAsync();
/// }
/// </code>
/// The first request below that the same guard sees takes the lease over, and books it from its answer. One that asks for more
/// than was claimed gives the lease back and reserves for itself. If <see cref="IsTaken"/> is <see langword="false"/> afterwards,
/// the lease is still the caller's to settle. Safe for concurrent use.
/// </remarks>
public sealed class BillingHandover
{
    private static readonly AsyncLocal<Offer?> Ambient = new();

    private readonly IBillingGuard _guard;
    private readonly BillableRequest _request;
    private volatile BillingLease _lease;
    private int _isTaken;

    /// <summary>Offers a lease.</summary>
    /// <param name="guard">Whose lease it is; another guard takes nothing over.</param>
    /// <param name="request">What was reserved for.</param>
    /// <param name="lease">What was reserved.</param>
    public BillingHandover(IBillingGuard guard, BillableRequest request, BillingLease lease)
    {
        ArgumentNullException.ThrowIfNull(guard);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(lease);
        (_guard, _request, _lease) = (guard, request, lease);
    }

    /// <summary>Gets whether a request below has taken the claim over, and settles it.</summary>
    public bool IsTaken => Volatile.Read(ref _isTaken) == 1;

    /// <summary>Gets the lease that is held for the request: the one that was offered, or the one that took its place.</summary>
    public BillingLease Lease => _lease;

    /// <summary>Offers the lease to everything that is awaited until the offer is disposed.</summary>
    /// <returns>Ends the offer when disposed; what has been taken stays taken.</returns>
    public IDisposable Begin()
    {
        var offer = new Offer(this, Ambient.Value);
        Ambient.Value = offer;
        return offer;
    }

    /// <summary>Takes over what is offered to a guard, or reserves where nothing is.</summary>
    /// <param name="guard">The guard.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <returns>The lease, which is the caller's to settle.</returns>
    /// <exception cref="BillingGuardException">The request is refused, for any of the reasons of <see cref="IBillingGuard.ReserveAsync"/>.</exception>
    public static ValueTask<BillingLease> ReserveAsync(IBillingGuard guard, BillableRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(guard);
        ArgumentNullException.ThrowIfNull(request);
        return ReserveAsync(guard, request, null, cancellationToken);
    }

    /// <param name="guard">The guard.</param>
    /// <param name="asked">What is asked for.</param>
    /// <param name="defaultKey">The key that counts where a request names none.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    internal static ValueTask<BillingLease> ReserveAsync(IBillingGuard guard, BillableRequest asked, string? defaultKey, CancellationToken cancellationToken) =>
        TryTake(guard) is { } handover
            ? handover.LeaseForAsync(asked, defaultKey, cancellationToken)
            : guard.ReserveAsync(asked, cancellationToken);

    private static BillingHandover? TryTake(IBillingGuard guard)
    {
        for (var offer = Ambient.Value; offer is not null; offer = offer.Outer)
        {
            if (!offer.IsOver && ReferenceEquals(offer.Handover._guard, guard))
            {
                return Interlocked.Exchange(ref offer.Handover._isTaken, 1) == 0 ? offer.Handover : null;
            }
        }

        return null;
    }

    private async ValueTask<BillingLease> LeaseForAsync(BillableRequest asked, string? defaultKey, CancellationToken cancellationToken)
    {
        if (!Covers(asked, defaultKey))
        {
            await _lease.GiveBackAsync(cancellationToken).ConfigureAwait(false);
            _lease = await _guard.ReserveAsync(asked, cancellationToken).ConfigureAwait(false);
        }

        return _lease;
    }

    // Whatever decides the price must be what it was when the claim was made, or less.
    private bool Covers(BillableRequest asked, string? defaultKey) =>
        asked.Model == _request.Model
        && asked.FallbackModels.SequenceEqual(_request.FallbackModels)
        && (asked.ApiKey ?? defaultKey) == (_request.ApiKey ?? defaultKey)
        && (asked.Scope is null || asked.Scope == _request.Scope)
        && asked.ServiceTier == _request.ServiceTier
        && asked.PriceCap == _request.PriceCap
        && asked.MaxToolCalls == _request.MaxToolCalls
        && !asked.IsUnreadable
        && IsAtMost(asked, _request, _lease.OutputCap);

    private static bool IsAtMost(BillableRequest asked, BillableRequest claimed, long? loweredTo) =>
        IsAtMost(asked.Prompt ?? default, claimed.Prompt ?? default)
        && (asked.MaxOutputTokens ?? long.MaxValue) <= (loweredTo ?? claimed.MaxOutputTokens ?? long.MaxValue)
        && asked.AddOns.All(claimed.AddOns.Contains)
        && (claimed.HasPaidAddOns || !asked.HasPaidAddOns)
        && (claimed.CachesForAnHour || !asked.CachesForAnHour)
        && asked.Answers <= claimed.Answers
        && asked.Images <= claimed.Images
        && asked.Recordings <= claimed.Recordings
        && asked.Files <= claimed.Files
        && asked.MediaBytes <= claimed.MediaBytes;

    // Of as many bytes, text that is not ASCII has more tokens, and so have more messages, and tools.
    private static bool IsAtMost(PromptSize asked, PromptSize claimed) =>
        asked.Bytes <= claimed.Bytes && SafeTokenCounter.Count(asked) <= SafeTokenCounter.Count(claimed);

    private sealed class Offer(BillingHandover handover, Offer? outer) : IDisposable
    {
        public BillingHandover Handover => handover;

        public Offer? Outer => outer;

        public bool IsOver { get; private set; }

        public void Dispose()
        {
            // What was started inside and runs on sees that it is over.
            IsOver = true;
            if (ReferenceEquals(Ambient.Value, this))
            {
                Ambient.Value = outer;
            }
        }
    }
}
