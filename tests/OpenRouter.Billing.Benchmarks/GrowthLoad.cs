using System.Security.Cryptography;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>Requests on a ledger in memory, labelled and settled as the guard does it, with keys in turn: the first limit is shared, the others are each key's own.</summary>
internal sealed class GrowthLoad
{
    private readonly SteppedClock _clock = new();
    private readonly InMemoryBillingLedger _ledger;
    private readonly LeaseRequest[] _requests;
    private int _next;

    public GrowthLoad(int keys, int limits)
    {
        _ledger = new InMemoryBillingLedger(_clock);
        // As keys are told apart: by a hash, which no two begin alike.
        _requests = [.. Enumerable.Range(0, keys).Select(key => Request(Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(key))), limits, _clock.GetUtcNow()))];
        AcquireAndSettle();
    }

    /// <summary>Settles so many requests, spread evenly over a time.</summary>
    public void LiveThrough(int requests, TimeSpan time)
    {
        var step = time / requests;
        for (var count = 0; count < requests; count++)
        {
            _clock.Step(step);
            AcquireAndSettle();
        }
    }

    public void AcquireAndSettle()
    {
        _next = _next + 1 == _requests.Length ? 0 : _next + 1;
        var lease = _ledger.AcquireAsync(_requests[_next]).GetAwaiter().GetResult().Lease!.Value;
        _ledger.SettleAsync(lease, LimitUnit.Requests, 1).GetAwaiter().GetResult();
        _ledger.SettleAsync(lease, LimitUnit.UsDollars, 800).GetAwaiter().GetResult();
        _ledger.SettleAsync(lease, LimitUnit.UsDollarsWithByok, 800).GetAwaiter().GetResult();
    }

    private static LeaseRequest Request(string key, int limits, DateTimeOffset since) =>
        LeaseRequests.On(Enumerable.Range(0, limits).Select(limit => limit == 0 ? "account/balance" : $"key/{key}/{limit}"), key, since);
}
