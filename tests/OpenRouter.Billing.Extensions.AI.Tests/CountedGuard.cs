using System.Net;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Extensions.AI.Tests;

/// <summary>A guard that counts how often it is asked.</summary>
public sealed class CountedGuard(IBillingGuard inner) : IBillingGuard
{
    private int _asked;

    public int Asked => Volatile.Read(ref _asked);

    /// <summary>What was asked for last.</summary>
    public BillableRequest? Last { get; private set; }

    public ValueTask<BillingGuardDecision> EvaluateAsync(BillableRequest request, CancellationToken cancellationToken = default) =>
        inner.EvaluateAsync(request, cancellationToken);

    public ValueTask<BillingLease> ReserveAsync(BillableRequest request, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _asked);
        Last = request;
        return inner.ReserveAsync(request, cancellationToken);
    }

    public BillingVerdict? Learn(BillableRequest request, HttpStatusCode statusCode, ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string>? headers = null) =>
        inner.Learn(request, statusCode, body, headers);
}
