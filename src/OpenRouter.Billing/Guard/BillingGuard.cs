using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenRouter.Billing.Telemetry;

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
    private static readonly IBillingPolicy[] Policies =
        [new RequestPolicy(), new KeyPermissionPolicy(), new BudgetLayersPolicy(), new KeyCapPolicy(), new BalancePolicy(), new FreeQuotaPolicy()];

    private const int MaxLowerings = 3;

    private readonly Func<OpenRouterBillingOptions> _options;
    private readonly AccountSnapshots _snapshots;
    private readonly ModelCatalogue _catalogue;
    private readonly ITokenCounter _tokenCounter;
    private readonly IBillingLedger _ledger;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private int _saidBalanceIsUnknown;

    /// <summary>Builds a guard.</summary>
    /// <param name="httpClient">Asks OpenRouter about the account; never disposed here, and never a client that is itself guarded.</param>
    /// <param name="options">Address, keys and how to decide.</param>
    /// <param name="ledger">Counts and holds; <see langword="null"/> for one in memory.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    /// <param name="logger">Where refusals are told; <see langword="null"/> for nowhere.</param>
    /// <param name="tokenCounter">Counts prompts; <see langword="null"/> for the default, which counts too many.</param>
    /// <exception cref="ArgumentException">The options contradict themselves; the message names each, its value and the cure.</exception>
    public BillingGuard(
        HttpClient httpClient,
        OpenRouterBillingOptions options,
        IBillingLedger? ledger = null,
        TimeProvider? timeProvider = null,
        ILogger<BillingGuard>? logger = null,
        ITokenCounter? tokenCounter = null)
        : this(() => httpClient, () => options, ledger, timeProvider, logger, tokenCounter)
    {
        ArgumentNullException.ThrowIfNull(httpClient);
        OpenRouterBillingOptionsValidator.ThrowIfInvalid(options);
    }

    internal BillingGuard(
        Func<HttpClient> createHttpClient,
        Func<OpenRouterBillingOptions> options,
        IBillingLedger? ledger,
        TimeProvider? timeProvider,
        ILogger<BillingGuard>? logger,
        ITokenCounter? tokenCounter)
    {
        _timeProvider = timeProvider ?? TimeProvider.System;
        _options = options;
        _snapshots = new AccountSnapshots(new AccountReader(createHttpClient, options, _timeProvider), _timeProvider);
        _ledger = ledger ?? new InMemoryBillingLedger(_timeProvider);
        _logger = logger ?? NullLogger<BillingGuard>.Instance;
        _catalogue = new ModelCatalogue(createHttpClient, options, _timeProvider, _logger);
        _tokenCounter = tokenCounter ?? SafeTokenCounter.Instance;
    }

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
        if (outcome.Decision.Refusal is { } refusal)
        {
            GuardLog.Refused(_logger, refusal.Cause, refusal.OpensAt);
            throw Refusals.ToException(refusal);
        }

        return new BillingLease(_ledger, outcome.Lease, outcome.Cost) { OutputCap = outcome.Decision.OutputCap };
    }

    private async ValueTask<Outcome> DecideAsync(BillableRequest request, bool hold, CancellationToken cancellationToken)
    {
        var options = _options();
        if ((request.ApiKey ?? options.ApiKey) is not { } apiKey)
        {
            return Outcome.Refused(Refusals.WithoutLimit(BillingCause.Authentication, request, _timeProvider.GetUtcNow(), null));
        }

        // Asked for beside the account's figures, so that a cold start waits for the slowest of the three only.
        var prices = ReadPricesAsync(request, options.Guard, cancellationToken);
        var snapshot = await _snapshots.GetAsync(apiKey, Freshness.Usual(options.Guard), cancellationToken).ConfigureAwait(false);
        SayOnceWhatIsUnknown(snapshot);
        var list = await prices.ConfigureAwait(false);
        var estimate = Estimate(request, list, options.Guard);
        var outcome = await WeighAsync(request, snapshot, estimate, options.Guard, hold, cancellationToken).ConfigureAwait(false);
        if (!outcome.Decision.IsAllowed && _timeProvider.GetUtcNow() - snapshot.AskedAt > options.Guard.MaxRefusalReadingAge)
        {
            // Credits may have been bought, or a cap raised, since the figures were read: nobody is refused on old ones.
            var renewed = await _snapshots.RenewAsync(apiKey, snapshot, Freshness.BeforeRefusing(options.Guard), cancellationToken).ConfigureAwait(false);
            outcome = renewed.IsSameAs(snapshot) ? outcome : await WeighAsync(request, renewed, estimate, options.Guard, hold, cancellationToken).ConfigureAwait(false);
            snapshot = renewed;
        }

        return !outcome.Decision.IsAllowed && options.Guard.LowerOutputCap && request.MayLowerOutputCap
            ? await LowerAsync(request, snapshot, list, outcome, options.Guard, hold, cancellationToken).ConfigureAwait(false)
            : outcome;
    }

    // Others may take what was left while this one lowers its cap, so it tries again, but not for ever.
    private async ValueTask<Outcome> LowerAsync(BillableRequest request, AccountSnapshot snapshot, PriceList? prices, Outcome refused, BillingGuardOptions options, bool hold, CancellationToken cancellationToken)
    {
        var outcome = refused;
        for (var attempt = 0; attempt < MaxLowerings && outcome.Decision.Refusal?.AffordableOutputTokens is { } tokens && tokens >= options.LeastOutputTokens; attempt++)
        {
            var lowered = request with { MaxOutputTokens = tokens };
            outcome = await WeighAsync(lowered, snapshot, Estimate(lowered, prices, options), options, hold, cancellationToken).ConfigureAwait(false);
            if (outcome.Decision.IsAllowed)
            {
                return outcome with { Decision = outcome.Decision with { OutputCap = tokens } };
            }
        }

        return refused;
    }

    private CostEstimate? Estimate(BillableRequest request, PriceList? prices, BillingGuardOptions options) =>
        CostEstimator.Estimate(request, prices, _tokenCounter, options.LeaseDuration, _timeProvider.GetUtcNow());

    private ValueTask<PriceList?> ReadPricesAsync(BillableRequest request, BillingGuardOptions options, CancellationToken cancellationToken) =>
        request is { IsPaid: true, Prompt: not null } && options.Pricing == PricingMode.Catalogue ? _catalogue.GetAsync(options, cancellationToken) : default;

    private async ValueTask<Outcome> WeighAsync(BillableRequest request, AccountSnapshot snapshot, CostEstimate? estimate, BillingGuardOptions options, bool hold, CancellationToken cancellationToken)
    {
        var context = new BillingPolicyContext(request, snapshot, estimate, options, _timeProvider.GetUtcNow());
        foreach (var policy in Policies)
        {
            policy.Apply(context);
            if (context.Refusal is { } refusal)
            {
                return Outcome.Refused(refusal);
            }
        }

        if (hold && context.Unchecked is { } fault)
        {
            GuardLog.SentUnchecked(_logger, fault);
        }

        try
        {
            return hold
                ? await TakeAsync(context, cancellationToken).ConfigureAwait(false)
                : Judge(context, await WithinAsync(_ledger.PeekAsync(context.Claims, cancellationToken), options, cancellationToken).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // whatever breaks a ledger, the options decide what becomes of the request
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            context.CannotKnow(exception);
            GuardLog.LedgerFailed(_logger, exception);
            return context.Refusal is { } refusal ? Outcome.Refused(refusal) : Outcome.Allowed(null, context);
        }
    }

    private async ValueTask<Outcome> TakeAsync(BillingPolicyContext context, CancellationToken cancellationToken)
    {
        if (context.Claims.Count == 0)
        {
            return Outcome.Allowed(null, context);
        }

        var options = context.Options;
        var answer = await WithinAsync(_ledger.AcquireAsync(context.Claims, options.LeaseDuration, cancellationToken), options, cancellationToken).ConfigureAwait(false);
        return answer.Lease is { } lease
            ? Outcome.Allowed(lease, context)
            : Judge(context, answer.Usage);
    }

    // A ledger that grants after the bound has passed leaves a lease that nobody settles: it expires as spent, the safe side.
    private async ValueTask<T> WithinAsync<T>(ValueTask<T> question, BillingGuardOptions options, CancellationToken cancellationToken) =>
        question.IsCompleted
            ? await question.ConfigureAwait(false)
            : await question.AsTask().WaitAsync(options.ReadingTimeout, _timeProvider, cancellationToken).ConfigureAwait(false);

    private static Outcome Judge(BillingPolicyContext context, IReadOnlyList<LimitUsage> usage)
    {
        var limits = context.Claims.Select((claim, index) => LimitReading.From(claim, usage[index])).ToArray();
        // A limit that is spent is named before one that is only too small for this request, as OpenRouter does.
        var refusing = Array.Find(limits, limit => !limit.HasRoom && limit.Remaining <= 0) ?? Array.Find(limits, limit => !limit.HasRoom);
        var refusal = refusing is null ? null : Verdict(refusing, limits, context);
        return new Outcome(new BillingGuardDecision { Refusal = refusal, Limits = limits, Estimate = context.Estimate }, null, context.Cost);
    }

    private static BillingVerdict Verdict(LimitReading refusing, IReadOnlyList<LimitReading> limits, BillingPolicyContext context) => new()
    {
        Cause = refusing.Cause,
        CheckedAt = context.Now,
        Model = context.Request.Model,
        Limit = refusing,
        Limits = limits,
        OpensAt = refusing.ResetsAt,
        AffordableOutputTokens = refusing.Unit == LimitUnit.UsDollars ? AffordableOutputTokens(limits, context.Estimate) : null,
        IsRetryable = refusing.Cause == BillingCause.FreeRequestsPerMinute || StandsBehindRunningRequests(refusing),
        Remedy = Refusals.RemedyFor(refusing.Cause),
    };

    private static long? AffordableOutputTokens(IReadOnlyList<LimitReading> limits, CostEstimate? estimate)
    {
        decimal? least = null;
        foreach (var limit in limits)
        {
            if (limit.Unit == LimitUnit.UsDollars && !(least <= limit.Remaining))
            {
                least = limit.Remaining;
            }
        }

        return least is { } money ? estimate?.AffordableOutputTokens(money) : null;
    }

    // Money that running requests hold comes free, in part, when they settle; a counted request stays counted.
    private static bool StandsBehindRunningRequests(LimitReading limit) =>
        limit.Unit == LimitUnit.UsDollars && limit.Required <= limit.Capacity - limit.Used;

    private void SayOnceWhatIsUnknown(AccountSnapshot snapshot)
    {
        if (snapshot.Balance.State == ReadingState.NotPermitted && Interlocked.Exchange(ref _saidBalanceIsUnknown, 1) == 0)
        {
            GuardLog.BalanceIsUnknown(_logger);
        }
    }

    private readonly record struct Outcome(BillingGuardDecision Decision, LeaseId? Lease, decimal Cost)
    {
        public static Outcome Allowed(LeaseId? lease, BillingPolicyContext context) => new(new BillingGuardDecision { Estimate = context.Estimate }, lease, context.Cost);

        public static Outcome Refused(BillingVerdict verdict) => new(new BillingGuardDecision { Refusal = verdict }, null, 0);
    }
}
