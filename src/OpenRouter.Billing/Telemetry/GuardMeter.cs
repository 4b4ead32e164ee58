using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Telemetry;

/// <summary>What the guard counts and measures. No tag holds a key, a model or anything else of many values.</summary>
/// <remarks>
/// Money is a <see cref="double"/> here and nowhere else: exporters know no other fraction, and nothing is decided by it.
/// </remarks>
internal sealed class GuardMeter
{
    public const string Name = "OpenRouter.Billing";
    public const string Balance = "balance";
    public const string Key = "key";
    public const string Prices = "prices";
    public const string Endpoints = "endpoints";

    private const string Outcome = "openrouter.billing.outcome";
    private const string Cause = "openrouter.billing.cause";
    private const string Origin = "openrouter.billing.origin";
    private const string Figure = "openrouter.billing.figure";
    private const string Reason = "openrouter.billing.reason";
    private const string Action = "openrouter.billing.action";

    private const decimal MostMeasured = 1_000_000_000m;

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _claimed;
    private readonly Histogram<double> _settled;
    private readonly Histogram<double> _estimateError;
    private readonly UpDownCounter<long> _leases;
    private readonly Counter<long> _readings;
    private readonly Histogram<double> _age;
    private readonly Counter<long> _trips;
    private readonly WeakReference<IBillingGuard?> _watched = new(null);

    public GuardMeter(IMeterFactory? factory)
    {
#pragma warning disable CA2000 // a factory disposes of its meters itself, and one without lives as long as its guard
        var meter = factory?.Create(Name) ?? new Meter(Name);
#pragma warning restore CA2000
        _requests = meter.CreateCounter<long>("openrouter.billing.requests", "{request}", "Requests that the guard decided about, or that OpenRouter refused after all.");
        _duration = meter.CreateHistogram<double>("openrouter.billing.decision.duration", "s", "How long a request waited for the guard's decision.");
        _claimed = meter.CreateHistogram<double>("openrouter.billing.claimed", "USD", "What an admitted request may cost.");
        _settled = meter.CreateHistogram<double>("openrouter.billing.settled", "USD", "What a request did cost, as booked.");
        _estimateError = meter.CreateHistogram<double>("openrouter.billing.estimate.error", "1", "What a paid request did cost as a part of what it claimed: above 1 it overspent.");
        _leases = meter.CreateUpDownCounter<long>("openrouter.billing.leases", "{lease}", "Leases that are neither settled nor released.");
        _readings = meter.CreateCounter<long>("openrouter.billing.readings", "{reading}", "Questions about the account, its key and the prices that OpenRouter was asked.");
        _age = meter.CreateHistogram<double>("openrouter.billing.reading.age", "s", "How old a figure was when a request was decided by it.");
        _trips = meter.CreateCounter<long>("openrouter.billing.brake.trips", "{trip}", "Times that the runaway brake found something.");
        meter.CreateObservableGauge("openrouter.billing.balance", () => Observe(account => (double?)account.Balance?.Remaining), "USD", "The account's balance as last read.");
        meter.CreateObservableGauge("openrouter.billing.key.remaining", () => Observe(account => (double?)account.Key?.Remaining), "USD", "What is left of the key's cap as last read; nothing for a key without one.");
        meter.CreateObservableGauge("openrouter.billing.free_requests.remaining", () => Observe(account => account.Key?.FreeModelDailyRequests?.Remaining), "{request}", "Requests to free models that are left of the day as last read.");
    }

    /// <summary>Says whose account the gauges show. They look when somebody collects them, at what is known, and ask nobody.</summary>
    // Weakly: a meter without a factory is never disposed of, and must not keep its guard.
    public void Watch(IBillingGuard guard) => _watched.SetTarget(guard);

    /// <summary>Gets whether anybody wants to know how long decisions take.</summary>
    public bool TimesDecisions => _duration.Enabled;

    public void Admitted(decimal claimed, bool isUnchecked)
    {
        _requests.Add(1, new KeyValuePair<string, object?>(Outcome, isUnchecked ? "unchecked" : "admitted"));
        if (claimed > 0 && _claimed.Enabled)
        {
            _claimed.Record((double)claimed);
        }
    }

    /// <param name="verdict">Why.</param>
    /// <param name="isObserved">Whether it goes out all the same.</param>
    public void Refused(BillingVerdict verdict, bool isObserved) => _requests.Add(
        1,
        new(Outcome, isObserved ? "observed" : "refused"),
        new(Cause, verdict.Cause.ToString()),
        new(Origin, verdict.Origin.ToString()));

    public void Braked(BrakeTrip trip) => _trips.Add(1, new(Reason, trip.Reason.ToString()), new(Action, trip.Action.ToString()));

    public void Decided(TimeSpan took) => _duration.Record(took.TotalSeconds);

    public void LeaseOpened() => _leases.Add(1);

    public void LeaseClosed() => _leases.Add(-1);

    public void Settled(decimal claimed, decimal cost)
    {
        if (_settled.Enabled && (claimed > 0 || cost > 0))
        {
            _settled.Record((double)cost);
        }

        if (_estimateError.Enabled && claimed > 0)
        {
            // A quotient that no decimal can hold would fail, and the booking with it.
            _estimateError.Record((double)(Math.Min(cost, MostMeasured) / Math.Max(claimed, NanoDollars.One)));
        }
    }

    /// <summary>What to tell of each question about a figure.</summary>
    public Action<ReadingState> Reading(string figure) => state => _readings.Add(1, new(Figure, figure), new(Outcome, state.ToString()));

    /// <param name="account">What was known of the account; null when nobody looked.</param>
    /// <param name="timeProvider">The clock, looked at only when somebody listens.</param>
    public void DecidedBy(AccountSnapshot? account, TimeProvider timeProvider)
    {
        if (_age.Enabled && account is not null)
        {
            var now = timeProvider.GetUtcNow();
            RecordAge(Balance, account.Balance, now);
            RecordAge(Key, account.Key, now);
        }
    }

    private IEnumerable<Measurement<T>> Observe<T>(Func<AccountFigures, T?> figure)
        where T : struct =>
        _watched.TryGetTarget(out var guard) && figure(guard!.Peek()) is { } value ? [new Measurement<T>(value)] : [];

    private void RecordAge<T>(string figure, Reading<T> reading, DateTimeOffset now)
        where T : class
    {
        if (reading.State == ReadingState.Known)
        {
            _age.Record(Math.Max(0, (now - reading.AskedAt).TotalSeconds), new KeyValuePair<string, object?>(Figure, figure));
        }
    }
}
