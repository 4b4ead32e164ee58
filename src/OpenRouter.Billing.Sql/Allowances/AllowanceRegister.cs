using System.Collections.Concurrent;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>The allowances of a process: by the shape of requests, and by the identity of what requests hold. Safe for concurrent use.</summary>
internal sealed class AllowanceRegister(AllowanceOptions options, TimeProvider timeProvider)
{
    private const int SweepAbove = 1024;

    private readonly ConcurrentDictionary<RequestShape, Allowance> _byShape = new();
    private readonly ConcurrentDictionary<int, Allowance> _byNumber = new();
    private readonly ConcurrentDictionary<int, Allowance> _holding = new();
    private readonly long _origin = BitConverter.ToInt64(Guid.NewGuid().ToByteArray());
    private int _lastNumber;
    private int _sweepAbove = SweepAbove;

    /// <summary>Gets those that hold something on the shared ledger, and some that did lately.</summary>
    public IEnumerable<Allowance> Holding => _holding.Select(entry => entry.Value);

    public bool IsAnyHolding => !_holding.IsEmpty;

    public Allowance Of(in LedgerRequest request)
    {
        var shape = new RequestShape(request.Claims, request.Labels);
        return _byShape.TryGetValue(shape, out var known) ? known : Add(shape);
    }

    /// <summary>Remembers one that holds something now. Whoever had found it before it was forgotten may be using it still.</summary>
    public void Hold(Allowance allowance) => _byNumber[allowance.Number] = _holding[allowance.Number] = allowance;

    /// <summary>Drops those that hold nothing.</summary>
    public void DropIdle()
    {
        foreach (var (number, allowance) in _holding)
        {
            if (!allowance.IsHolding && _holding.TryRemove(number, out _) && allowance.IsHolding)
            {
                // It has been given another meanwhile.
                _holding[number] = allowance;
            }
        }
    }

    public LeaseId IdOf(Allowance allowance, uint lease)
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, _origin);
        BitConverter.TryWriteBytes(bytes[8..], allowance.Number);
        BitConverter.TryWriteBytes(bytes[12..], lease);
        return new LeaseId(new Guid(bytes));
    }

    /// <summary>Whether a lease was granted from an allowance of this process; the allowance is null when it is long over.</summary>
    public bool TryFind(LeaseId lease, out Allowance? allowance, out uint number)
    {
        Span<byte> bytes = stackalloc byte[16];
        lease.Value.TryWriteBytes(bytes);
        number = BitConverter.ToUInt32(bytes[12..]);
        var isOurs = BitConverter.ToInt64(bytes) == _origin;
        allowance = isOurs ? _byNumber.GetValueOrDefault(BitConverter.ToInt32(bytes[8..])) : null;
        return isOurs;
    }

    /// <summary>Tells, of what the shared ledger counts as held, how much is only reserved and how much is used, for each claim's limit.</summary>
    public (long Reserved, long Used)[] StandingsOn(LimitClaim[] claims)
    {
        var standings = new (long Reserved, long Used)[claims.Length];
        foreach (var allowance in Holding)
        {
            for (var index = 0; index < claims.Length; index++)
            {
                var (reserved, used) = allowance.StandingOn(claims[index].Limit);
                standings[index] = (standings[index].Reserved + reserved, standings[index].Used + used);
            }
        }

        return standings;
    }

    private Allowance Add(RequestShape shape)
    {
        Sweep();
        // The claims are the caller's, who may change them; and an array is looked at without being copied.
        var kept = shape with { Claims = shape.Claims.ToArray() };
        var allowance = _byShape.GetOrAdd(kept, _ => new Allowance(Interlocked.Increment(ref _lastNumber), kept, options, timeProvider));
        _byNumber[allowance.Number] = allowance;
        return allowance;
    }

    private void Sweep()
    {
        if (_byNumber.Count < _sweepAbove)
        {
            return;
        }

        foreach (var (shape, allowance) in _byShape)
        {
            if (allowance.IsForgettable && _byShape.TryRemove(shape, out _))
            {
                _byNumber.TryRemove(allowance.Number, out _);
            }
        }

        // Twice what is left is room for as much again, so that sweeping costs little per request.
        _sweepAbove = Math.Max(SweepAbove, 2 * _byNumber.Count);
    }
}
