using System.Net;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>A guard that counts how often it is asked.</summary>
public sealed class CountingGuard(IBillingGuard inner) : IBillingGuard
{
    private int _asked;

    public int Asked => Volatile.Read(ref _asked);

    public ValueTask<BillingGuardDecision> EvaluateAsync(BillableRequest request, CancellationToken cancellationToken = default) =>
        inner.EvaluateAsync(request, cancellationToken);

    public ValueTask<BillingLease> ReserveAsync(BillableRequest request, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _asked);
        return inner.ReserveAsync(request, cancellationToken);
    }

    public AccountFigures Peek() => inner.Peek();

    public BillingVerdict? Learn(BillableRequest request, HttpStatusCode statusCode, ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string>? headers = null) =>
        inner.Learn(request, statusCode, body, headers);
}
