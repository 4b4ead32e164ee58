using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>One request after another on three limits with windows: in the ledger, in what one writes first, and in bare look-ups.</summary>
internal sealed class LedgerLoad
{
    private const long Cost = 1_000;

    private static readonly TimeSpan LeaseDuration = TimeSpan.FromMinutes(15);
    private static readonly string[] Limits = ["account/balance", "key/monthly", "budget/daily"];

    private readonly LateClock _clock = new();
    private readonly InMemoryBillingLedger _ledger;
    private readonly LimitClaim[] _claims;
    private readonly object _gate = new();
    private readonly Dictionary<string, long> _spent = Limits.ToDictionary(limit => limit, _ => 0L);
    private readonly Dictionary<string, long> _held = Limits.ToDictionary(limit => limit, _ => 0L);

    public LedgerLoad()
    {
        _ledger = new InMemoryBillingLedger(_clock);
        var now = TimeProvider.System.GetUtcNow();
        DateTimeOffset[] since = [now - TimeSpan.FromMinutes(1), now - TimeSpan.FromDays(1), now - TimeSpan.FromHours(1)];
        _claims = [.. Limits.Select((limit, index) => LimitClaim.InUsDollars(limit, BillingCause.KeyLimit, 0.000001m, 1_000_000_000, since[index]))];
        // A day of use lies behind it, as it does in a process that runs.
        for (_clock.Late = TimeSpan.FromDays(1); _clock.Late > TimeSpan.Zero; _clock.Late -= TimeSpan.FromSeconds(20))
        {
            AcquireAndSettle();
        }

        _clock.Late = TimeSpan.Zero;
    }

    public void AcquireAndSettle()
    {
        var lease = _ledger.AcquireAsync(_claims, LeaseDuration).GetAwaiter().GetResult().Lease!.Value;
        _ledger.SettleAsync(lease, LimitUnit.UsDollars, Cost).GetAwaiter().GetResult();
    }

    // Without windows, leases that expire, or a clock.
    public void AcquireAndSettleNaively()
    {
        lock (_gate)
        {
            foreach (var claim in _claims)
            {
                if (_spent[claim.Limit] + _held[claim.Limit] + claim.Amount > claim.Capacity)
                {
                    throw new InvalidOperationException("Over budget.");
                }
            }

            foreach (var claim in _claims)
            {
                _held[claim.Limit] += claim.Amount;
            }
        }

        lock (_gate)
        {
            foreach (var claim in _claims)
            {
                _held[claim.Limit] -= claim.Amount;
                _spent[claim.Limit] += Cost;
            }
        }
    }

    public long CountBare()
    {
        long sum;
        lock (_gate)
        {
            sum = LookUp();
        }

        lock (_gate)
        {
            return sum + LookUp();
        }
    }

    private long LookUp() => _spent[Limits[0]] + _spent[Limits[1]] + _spent[Limits[2]];

    private sealed class LateClock : TimeProvider
    {
        public TimeSpan Late { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() - Late;
    }
}
