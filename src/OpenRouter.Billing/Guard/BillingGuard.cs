using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OpenRouter.Billing.Telemetry;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>The guard: reads the account, asks the policies, and takes their claims from the ledger.</summary>
/// <remarks>
/// An app with a container registers it with <c>AddOpenRouterBilling</c>. Without one:
/// <code>
/// var guard = new BillingGuard(new HttpClient(), options);
/// using var http = new HttpClient(new BillingGuardHandler(guard, options) { InnerHandler = new SocketsHttpHandler() });
/// </code>
/// Build one guard per account and keep it: what it knows is shared by all requests.
/// </remarks>
public sealed class BillingGuard : IBillingGuard
{
    // The order in which OpenRouter checks, so that a prediction names the limit that the server would name.
    // What the app wants for itself comes around it: what needs no figures first, its own books last.
    private static readonly IBillingPolicy[] OwnPolicies =
    [
        new RequestPolicy(), new RequestPricePolicy(),
        new KeyPermissionPolicy(), new BudgetLayersPolicy(), new KeyCapPolicy(), new BalancePolicy(), new FreeQuotaPolicy(),
        new AppBudgetsPolicy(), new RunawayLimitsPolicy(),
    ];

    private const int MaxLowerings = 3;

    private readonly Func<OpenRouterBillingOptions> _options;
    private readonly IBillingPolicy[] _policies;
    private readonly WaitingLine _freeMinute;
    private readonly AccountSnapshots _snapshots;
    private readonly ClosedLimits _closed = new();
    private readonly ModelCatalogue _catalogue;
    private readonly ITokenCounter _tokenCounter;
    private readonly BoundedLedger _ledger;
    private readonly Reconciler _reconciler;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private int _saidBalanceIsUnknown;

    /// <summary>Builds a guard.</summary>
    /// <param name="httpClient">Asks OpenRouter about the account; never disposed here, and never a client that is itself guarded.</param>
    /// <param name="options">Address, keys and how to decide.</param>
    /// <param name="services">What it works with; <see langword="null"/> for the defaults of all.</param>
    /// <exception cref="ArgumentException">The options contradict themselves; the message names each, its value and the cure.</exception>
    public BillingGuard(HttpClient httpClient, OpenRouterBillingOptions options, BillingGuardServices? services = null)
        : this(() => httpClient, () => options, services ?? new BillingGuardServices())
    {
        ArgumentNullException.ThrowIfNull(httpClient);
        OpenRouterBillingOptionsValidator.ThrowIfInvalid(options);
    }

    internal BillingGuard(Func<HttpClient> createHttpClient, Func<OpenRouterBillingOptions> options, BillingGuardServices services)
    {
        _timeProvider = services.TimeProvider ?? TimeProvider.System;
        _options = options;
        _policies = [.. OwnPolicies, .. services.Policies];
        _freeMinute = new WaitingLine(_timeProvider);
        // A ledger that several processes share keeps another clock, and the whole lag for it.
        var learnsLag = services.Ledger is null or InMemoryBillingLedger;
        _snapshots = new AccountSnapshots(new AccountReader(createHttpClient, options, _timeProvider), _timeProvider, learnsLag ? options : null);
        _logger = services.Logger ?? NullLogger<BillingGuard>.Instance;
        _ledger = new BoundedLedger(services.Ledger ?? new InMemoryBillingLedger(_timeProvider), _timeProvider, _logger);
        _catalogue = new ModelCatalogue(createHttpClient, options, _timeProvider, _logger);
        _reconciler = new Reconciler(createHttpClient, options, _timeProvider, _logger);
        _tokenCounter = services.TokenCounter ?? SafeTokenCounter.Instance;
    }

    /// <summary>Waits until nothing is left to be found out about what answers have cost.</summary>
    internal Task WaitUntilReconciledAsync() => _reconciler.WaitUntilIdleAsync();

    /// <inheritdoc/>
    public async ValueTask<BillingGuardDecision> EvaluateAsync(BillableRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (await DecideAsync(request, hold: false, cancellationToken).ConfigureAwait(false)).Decision;
    }

    /// <inheritdoc/>
    public async ValueTask<BillingLease> ReserveAsync(BillableRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var outcome = await DecideAsync(request, hold: true, cancellationToken).ConfigureAwait(false);
        if (MinuteOpensAt(outcome) is not null && outcome.FreeMinuteWait > TimeSpan.Zero)
        {
            outcome = await _freeMinute.TryInTurnAsync(() => DecideAsync(request, hold: true, cancellationToken), MinuteOpensAt, outcome.FreeMinuteWait, cancellationToken).ConfigureAwait(false) ?? outcome;
        }

        if (outcome.Decision.Refusal is { } refusal)
        {
            if (!outcome.IsObserved)
            {
                GuardLog.Refused(_logger, refusal.Cause, refusal.OpensAt);
                throw Refusals.ToException(refusal);
            }

            GuardLog.Observed(_logger, refusal.Cause, refusal.OpensAt);
        }

        return new BillingLease(_ledger.Inner, outcome.Lease, outcome.Cost)
        {
            OutputCap = outcome.Decision.OutputCap,
            Refusal = outcome.Decision.Refusal,
            Account = outcome.Account,
            Reconciler = _reconciler,
            ApiKey = request.ApiKey,
        };
    }

    /// <inheritdoc/>
    public BillingVerdict? Learn(BillableRequest request, HttpStatusCode statusCode, ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string>? headers = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        var now = _timeProvider.GetUtcNow();
        if (FailureClassifier.Classify((int)statusCode, FailureHeaders.From(headers), body.Span, now) is not { } said)
        {
            return null;
        }

        var verdict = said with { Model = request.Model };
        if (Refusals.IsBilling(verdict.Cause))
        {
            GuardLog.RefusedByServer(_logger, verdict.Cause, verdict.OpensAt);
            Remember(verdict, request);
        }

        return verdict;
    }

    private void Remember(BillingVerdict verdict, BillableRequest request)
    {
        try
        {
            var options = _options();
            if ((request.ApiKey ?? options.ApiKey) is { } apiKey)
            {
                var known = _snapshots.Peek(apiKey, options);
                var estimate = TryEstimate(request, _catalogue.Peek(), options.Guard, out _);
                _closed.Close(verdict, new BillingPolicyContext(request, known, estimate, options.Guard, verdict.CheckedAt));
            }
        }
        catch (OptionsValidationException exception)
        {
            // The answer is the caller's all the same; the next request is refused for these options.
            GuardLog.DecisionFailed(_logger, exception);
        }
    }

    private async ValueTask<Outcome> DecideAsync(BillableRequest request, bool hold, CancellationToken cancellationToken)
    {
        OpenRouterBillingOptions options;
        try
        {
            options = _options();
        }
        catch (OptionsValidationException exception)
        {
            // Options that were changed while the app runs, and are wrong now: nobody can say what they meant to allow.
            return Refused(BillingCause.Unavailable, request, exception);
        }

        if (options.Guard.Mode == BillingGuardMode.Off)
        {
            return default(Outcome) with { Decision = new BillingGuardDecision() };
        }

        var outcome = await DecideAsync(request, options, hold, cancellationToken).ConfigureAwait(false);
        return outcome with { FreeMinuteWait = options.Guard.FreeMinuteWait, IsObserved = options.Guard.Mode == BillingGuardMode.Observe };
    }

    private async ValueTask<Outcome> DecideAsync(BillableRequest request, OpenRouterBillingOptions options, bool hold, CancellationToken cancellationToken)
    {
        // Without a key, or with what cannot be one, there is nothing to ask about: the server would say 401.
        if ((request.ApiKey ?? options.ApiKey) is not { } apiKey || KeyShape.FindProblem(apiKey) is not null)
        {
            return Refused(BillingCause.Authentication, request, null);
        }

        // Asked for beside the account's figures, so that a cold start waits for the slowest of the three only.
        var prices = ReadPricesAsync(request, options, cancellationToken);
        var snapshot = await _snapshots.GetAsync(apiKey, options, Freshness.FarFromLimits(options), cancellationToken).ConfigureAwait(false);
        SayOnceWhatIsUnknown(snapshot, options.Guard);
        var list = await prices.ConfigureAwait(false);
        var isNew = snapshot.IsYoungerThan(options.Guard.MaxRefusalReadingAge, _timeProvider);
        var outcome = await WeighAsync(request, snapshot, list, options.Guard, hold, isNew, cancellationToken).ConfigureAwait(false);
        if (!isNew && (outcome.IsTooClose || MayChange(outcome)))
        {
            // Credits may have been bought, a cap raised, or the rest been spent by others, since the figures were read.
            snapshot = await _snapshots.RenewAsync(apiKey, options, snapshot, Freshness.CloseToLimits(options), cancellationToken).ConfigureAwait(false);
            outcome = await WeighAsync(request, snapshot, list, options.Guard, hold, true, cancellationToken).ConfigureAwait(false);
        }
        else if (!outcome.IsFar && !snapshot.IsYoungerThan(options.Guard.RefreshAfter, _timeProvider))
        {
            _snapshots.Refresh(apiKey, options, Freshness.Usual(options));
        }

        if (outcome.Decision.IsAllowed)
        {
            return outcome;
        }

        if (options.Guard.Mode == BillingGuardMode.Observe)
        {
            return hold ? await HoldAnywayAsync(request, snapshot, list, outcome, options.Guard, cancellationToken).ConfigureAwait(false) : outcome;
        }

        return options.Guard.LowerOutputCap && request.MayLowerOutputCap
            ? await LowerAsync(request, snapshot, list, outcome, options.Guard, hold, cancellationToken).ConfigureAwait(false)
            : outcome;
    }

    private static DateTimeOffset? MinuteOpensAt(Outcome outcome) =>
        outcome is { IsObserved: false, Decision.Refusal: { Cause: BillingCause.FreeRequestsPerMinute, OpensAt: { } opensAt } } ? opensAt : null;

    // It goes out whatever the limits say, so what it spends is booked on all of them, or their next answers would be wrong.
    private async ValueTask<Outcome> HoldAnywayAsync(BillableRequest request, AccountSnapshot snapshot, PriceList? prices, Outcome refused, BillingGuardOptions options, CancellationToken cancellationToken)
    {
        var context = new BillingPolicyContext(request, snapshot, TryEstimate(request, prices, options, out _), options, _timeProvider.GetUtcNow());
        LeaseId? lease = null;
        try
        {
            Array.ForEach(_policies, policy => policy.Apply(context));
            var claims = context.Claims.Select(claim => claim with { Capacity = long.MaxValue }).ToArray();
            lease = claims.Length == 0 ? null : (await _ledger.AcquireAsync(claims, options, cancellationToken).ConfigureAwait(false)).Lease;
        }
#pragma warning disable CA1031 // nothing is refused while observing, so the log is all that a fault can reach
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            GuardLog.DecisionFailed(_logger, exception);
        }

        return refused with { Lease = lease, Cost = context.Cost };
    }

    // What cannot be read was asked for a moment ago; asking again would only wait again.
    private static bool MayChange(Outcome outcome) => !outcome.IsFinal && outcome.Decision.Refusal is { Cause: not BillingCause.Unavailable };

    // Others may take what was left while this one lowers its cap, so it tries again, but not for ever.
    private async ValueTask<Outcome> LowerAsync(BillableRequest request, AccountSnapshot snapshot, PriceList? prices, Outcome refused, BillingGuardOptions options, bool hold, CancellationToken cancellationToken)
    {
        var outcome = refused;
        for (var attempt = 0; attempt < MaxLowerings && outcome.Decision.Refusal?.AffordableOutputTokens is { } tokens && tokens >= options.LeastOutputTokens; attempt++)
        {
            var lowered = request with { MaxOutputTokens = tokens };
            outcome = await WeighAsync(lowered, snapshot, prices, options, hold, true, cancellationToken).ConfigureAwait(false);
            if (outcome.Decision.IsAllowed)
            {
                return outcome with { Decision = outcome.Decision with { OutputCap = tokens } };
            }
        }

        return refused;
    }

    // The token counter is the app's: what it throws is no more a reason to send than any other fault.
    private CostEstimate? TryEstimate(BillableRequest request, PriceList? prices, BillingGuardOptions options, out Exception? fault)
    {
        fault = null;
        try
        {
            return CostEstimator.Estimate(request, options.Pricing == PricingMode.Flat ? null : prices, _tokenCounter, options.LeaseDuration, _timeProvider.GetUtcNow());
        }
#pragma warning disable CA1031 // see above; the fault goes into the decision
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GuardLog.DecisionFailed(_logger, exception);
            fault = exception;
            return null;
        }
    }

    private ValueTask<PriceList?> ReadPricesAsync(BillableRequest request, OpenRouterBillingOptions options, CancellationToken cancellationToken) =>
        request is { IsPaid: true, Prompt: not null } && options.Guard.Pricing != PricingMode.Flat ? _catalogue.GetAsync(request, options, cancellationToken) : default;

    private async ValueTask<Outcome> WeighAsync(BillableRequest request, AccountSnapshot snapshot, PriceList? prices, BillingGuardOptions options, bool hold, bool mayDecide, CancellationToken cancellationToken)
    {
        var estimate = TryEstimate(request, prices, options, out var fault);
        var context = new BillingPolicyContext(request, snapshot, estimate, options, _timeProvider.GetUtcNow());
        try
        {
            if (fault is not null)
            {
                context.CannotKnow(fault);
            }

            if (_closed.Find(context) is { } closed)
            {
                return Outcome.Refused(closed.Refusal) with { IsFinal = closed.IsFinal };
            }

            for (var index = 0; index < _policies.Length && context.Refusal is null; index++)
            {
                _policies[index].Apply(context);
            }

            if (context.Refusal is { } refused)
            {
                return Outcome.Refused(refused);
            }

            if (!mayDecide && context.Headroom.IsNear)
            {
                return new Outcome { IsTooClose = true };
            }

            if (hold && context.IsUnchecked)
            {
                GuardLog.SentUnchecked(_logger, context.Unchecked);
            }

            return hold && Judgement.FitsBounds(context)
                ? await TakeAsync(context, cancellationToken).ConfigureAwait(false)
                : await PeekAsync(context, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // whatever breaks while deciding, the options say what becomes of the request
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            context.CannotKnow(exception);
            GuardLog.DecisionFailed(_logger, exception);
            return context.Refusal is { } refusal ? Outcome.Refused(refusal) : Outcome.Allowed(null, context);
        }
    }

    private async ValueTask<Outcome> TakeAsync(BillingPolicyContext context, CancellationToken cancellationToken)
    {
        if (context.Claims.Count == 0)
        {
            return Outcome.Allowed(null, context);
        }

        var answer = await _ledger.AcquireAsync(context.Claims, context.Options, cancellationToken).ConfigureAwait(false);
        return answer.Lease is { } lease ? Outcome.Allowed(lease, context) : new Outcome(Judgement.Refuse(context, answer.Usage), null, 0);
    }

    private async ValueTask<Outcome> PeekAsync(BillingPolicyContext context, CancellationToken cancellationToken) =>
        new(Judgement.Of(context, await _ledger.PeekAsync(context.Claims, context.Options, cancellationToken).ConfigureAwait(false)), null, context.Cost) { IsFar = context.Headroom.IsFar };

    private void SayOnceWhatIsUnknown(AccountSnapshot snapshot, BillingGuardOptions options)
    {
        if (!options.PaysByInvoice && snapshot.Balance.State == ReadingState.NotPermitted && Interlocked.Exchange(ref _saidBalanceIsUnknown, 1) == 0)
        {
            GuardLog.BalanceIsUnknown(_logger);
        }
    }

    private Outcome Refused(BillingCause cause, BillableRequest request, Exception? fault) =>
        Outcome.Refused(Refusals.WithoutLimit(cause, request, _timeProvider.GetUtcNow(), fault));

    private readonly record struct Outcome(BillingGuardDecision Decision, LeaseId? Lease, decimal Cost)
    {
        /// <summary>Gets whether newer figures cannot change the decision.</summary>
        public bool IsFinal { get; init; }

        /// <summary>Gets whether a refusal is not to be enforced.</summary>
        public bool IsObserved { get; init; }

        public TimeSpan FreeMinuteWait { get; init; }

        /// <summary>Gets whether nothing is decided, because the figures are too old for a limit that is so close.</summary>
        public bool IsTooClose { get; init; }

        /// <summary>Gets whether every limit is so far that older figures decide just as well.</summary>
        public bool IsFar { get; init; }

        /// <summary>Gets whose money it is.</summary>
        public AccountSnapshot? Account { get; init; }

        public static Outcome Allowed(LeaseId? lease, BillingPolicyContext context) => new(new BillingGuardDecision { Estimate = context.Estimate }, lease, context.Cost) { IsFar = context.Headroom.IsFar, Account = context.Snapshot };

        public static Outcome Refused(BillingVerdict verdict) => new(new BillingGuardDecision { Refusal = verdict }, null, 0);
    }
}
