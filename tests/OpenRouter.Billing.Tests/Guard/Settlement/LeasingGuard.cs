using System.Net;
using System.Collections.Concurrent;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>A guard that lets everything out under a real lease, and shows what its ledger holds.</summary>
internal sealed class LeasingGuard : IBillingGuard
{
    public const decimal ClaimedCost = 0.05m;
    public const long ClaimedNanoDollars = 50_000_000;

    private readonly ManualTimeProvider _clock = new();
    private readonly InMemoryBillingLedger _books;
    private readonly IBillingLedger _ledger;
    private readonly LimitClaim _money;
    private readonly LimitClaim _requests;

    /// <param name="over">Puts something between the leases and the ledger.</param>
    public LeasingGuard(Func<IBillingLedger, IBillingLedger>? over = null)
    {
        _books = new InMemoryBillingLedger(_clock);
        _ledger = over is null ? _books : over(_books);
        _money = Claims.Money("money", ClaimedNanoDollars, long.MaxValue, _clock.GetUtcNow());
        _requests = Claims.Requests("requests", long.MaxValue, _clock.GetUtcNow());
    }

    /// <summary>Every request that was asked for.</summary>
    public ConcurrentQueue<BillableRequest> Asked { get; } = new();

    /// <summary>Nano-dollars that are booked and held.</summary>
    public (long Settled, long Leased) Money => Look(_money);

    /// <summary>Requests that are booked and held.</summary>
    public (long Settled, long Leased) Requests => Look(_requests);

    public ValueTask<BillingGuardDecision> EvaluateAsync(BillableRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public async ValueTask<BillingLease> ReserveAsync(BillableRequest request, CancellationToken cancellationToken = default)
    {
        Asked.Enqueue(request);
        var answer = await _ledger.AcquireAsync([_money, _requests], TimeSpan.FromMinutes(15), cancellationToken);
        return new BillingLease(_ledger, answer.Lease, ClaimedCost);
    }

    private (long Settled, long Leased) Look(in LimitClaim claim)
    {
        var usage = _books.PeekAsync([claim]).AsTask().GetAwaiter().GetResult()[0];
        return (usage.Settled, usage.Leased);
    }

    /// <summary>What the guard was told of failures: the status, and the body as text.</summary>
    public ConcurrentQueue<(HttpStatusCode Status, string Body)> Learned { get; } = new();

    /// <summary>What the guard makes of a failure.</summary>
    public Func<BillingVerdict?> Lesson { get; init; } = () => null;

    public BillingVerdict? Learn(BillableRequest request, HttpStatusCode statusCode, ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string>? headers = null)
    {
        Learned.Enqueue((statusCode, Encoding.UTF8.GetString(body.Span)));
        return Lesson();
    }
}
