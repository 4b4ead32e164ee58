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
    private static readonly IBillingPolicy[] Policies =
        [new KeyPermissionPolicy(), new BudgetLayersPolicy(), new KeyCapPolicy(), new BalancePolicy(), new FreeQuotaPolicy()];

    private readonly Func<OpenRouterBillingOptions> _options;
    private readonly AccountSnapshots _snapshots;
    private readonly ClosedLimits _closed = new();
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
    /// <exception cref="ArgumentException">The options contradict themselves; the message names each, its value and the cure.</exception>
    public BillingGuard(
        HttpClient httpClient,
        OpenRouterBillingOptions options,
        IBillingLedger? ledger = null,
        TimeProvider? timeProvider = null,
        ILogger<BillingGuard>? logger = null)
        : this(() => httpClient, () => options, ledger, timeProvider, logger)
    {
        ArgumentNullException.ThrowIfNull(httpClient);
        OpenRouterBillingOptionsValidator.ThrowIfInvalid(options);
    }

    internal BillingGuard(
        Func<HttpClient> createHttpClient,
        Func<OpenRouterBillingOptions> options,
        IBillingLedger? ledger,
        TimeProvider? timeProvider,
        ILogger<BillingGuard>? logger)
    {
        _timeProvider = timeProvider ?? TimeProvider.System;
        _options = options;
        _snapshots = new AccountSnapshots(new AccountReader(createHttpClient, options, _timeProvider), _timeProvider);
        _ledger = OffloadedLedger.Around(ledger ?? new InMemoryBillingLedger(_timeProvider));
        _logger = logger ?? NullLogger<BillingGuard>.Instance;
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

        return new BillingLease(_ledger, outcome.Lease, outcome.Cost);
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
                var known = _snapshots.Peek(apiKey, options.ManagementKey);
                _closed.Close(verdict, new BillingPolicyContext(request, known, options.Guard, verdict.CheckedAt));
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

        // Without a key, or with what cannot be one, there is nothing to ask about: the server would say 401.
        if ((request.ApiKey ?? options.ApiKey) is not { } apiKey || KeyShape.FindProblem(apiKey) is not null)
        {
            return Refused(BillingCause.Authentication, request, null);
        }

        var snapshot = await _snapshots.GetAsync(apiKey, options.ManagementKey, Freshness.Usual(options), cancellationToken).ConfigureAwait(false);
        SayOnceWhatIsUnknown(snapshot);
        var outcome = await WeighAsync(request, snapshot, options.Guard, hold, cancellationToken).ConfigureAwait(false);
        if (outcome.IsFinal || outcome.Decision.Refusal is null or { Cause: BillingCause.Unavailable } || snapshot.IsYoungerThan(options.Guard.MaxRefusalReadingAge, _timeProvider))
        {
            return outcome;
        }

        // Credits may have been bought, or a cap raised, since the figures were read: nobody is refused on old ones.
        var renewed = await _snapshots.RenewAsync(apiKey, options.ManagementKey, snapshot, Freshness.BeforeRefusing(options), cancellationToken).ConfigureAwait(false);
        return await WeighAsync(request, renewed, options.Guard, hold, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Outcome> WeighAsync(BillableRequest request, AccountSnapshot snapshot, BillingGuardOptions options, bool hold, CancellationToken cancellationToken)
    {
        var context = new BillingPolicyContext(request, snapshot, options, _timeProvider.GetUtcNow());
        if (_closed.Find(context) is { } closed)
        {
            return Outcome.Refused(closed.Refusal) with { IsFinal = closed.IsFinal };
        }

        try
        {
            foreach (var policy in Policies)
            {
                policy.Apply(context);
                if (context.Refusal is { } refusal)
                {
                    return Outcome.Refused(refusal);
                }
            }

            if (hold && context.IsUnchecked)
            {
                GuardLog.SentUnchecked(_logger, context.Unchecked);
            }

            return hold
                ? await TakeAsync(context, cancellationToken).ConfigureAwait(false)
                : Judge(context, await WithinAsync(_ledger.PeekAsync(context.Claims, cancellationToken).AsTask(), options, cancellationToken).ConfigureAwait(false), mustRefuse: false);
        }
#pragma warning disable CA1031 // whatever breaks while deciding, the options say what becomes of the request
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            context.CannotKnow(exception);
            GuardLog.DecisionFailed(_logger, exception);
            return context.Refusal is { } refusal ? Outcome.Refused(refusal) : new Outcome(new BillingGuardDecision(), null, context.Cost);
        }
    }

    private async ValueTask<Outcome> TakeAsync(BillingPolicyContext context, CancellationToken cancellationToken)
    {
        if (context.Claims.Count == 0)
        {
            return new Outcome(new BillingGuardDecision(), null, context.Cost);
        }

        var acquiring = _ledger.AcquireAsync(context.Claims, context.Options.LeaseDuration, cancellationToken);
        var answer = acquiring.IsCompletedSuccessfully
            ? await acquiring.ConfigureAwait(false)
            : await AcquireWithinAsync(acquiring.AsTask(), context.Options, cancellationToken).ConfigureAwait(false);
        return answer.Lease is { } lease
            ? new Outcome(new BillingGuardDecision(), lease, context.Cost)
            : Judge(context, answer.Usage, mustRefuse: true);
    }

    private async Task<LedgerAnswer> AcquireWithinAsync(Task<LedgerAnswer> acquiring, BillingGuardOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await WithinAsync(acquiring, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // Under Allow the request goes out all the same, and a late grant is all that will ever count it.
            if (exception is OperationCanceledException || options.WhenUnavailable == UnavailableBehavior.Refuse)
            {
                _ = GiveBackLateAsync(acquiring);
            }

            throw;
        }
    }

    // A slow ledger must not eat the budget by granting what nobody waits for any more.
    private async Task GiveBackLateAsync(Task<LedgerAnswer> acquiring)
    {
        try
        {
            if ((await acquiring.ConfigureAwait(false)).Lease is { } lease)
            {
                await _ledger.ReleaseAsync(lease).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The ledger gave up with the caller and holds nothing.
        }
#pragma warning disable CA1031 // nobody waits for this any more; a lease that cannot be given back expires
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GuardLog.DecisionFailed(_logger, exception);
        }
    }

    private Task<T> WithinAsync<T>(Task<T> question, BillingGuardOptions options, CancellationToken cancellationToken) =>
        question.IsCompleted ? question : question.WaitAsync(options.ReadingTimeout, _timeProvider, cancellationToken);

    private static Outcome Judge(BillingPolicyContext context, IReadOnlyList<LimitUsage> usage, bool mustRefuse)
    {
        var limits = context.Claims.Select((claim, index) => LimitReading.From(claim, usage[index], context.Claims)).ToArray();
        // A limit that is spent is named before one that is only too small for this request, as OpenRouter does.
        var refusing = Array.Find(limits, limit => !limit.HasRoom && limit.Remaining <= 0)
            ?? Array.Find(limits, limit => !limit.HasRoom)
            // What the ledger refused is refused, even if it had room again when it was asked why.
            ?? (mustRefuse ? limits.MinBy(limit => limit.Remaining - limit.Required) : null);
        var refusal = refusing is null ? null : Verdict(refusing, limits, context);
        return new Outcome(new BillingGuardDecision { Refusal = refusal, Limits = limits }, null, context.Cost);
    }

    private static BillingVerdict Verdict(LimitReading refusing, IReadOnlyList<LimitReading> limits, BillingPolicyContext context) => new()
    {
        Cause = refusing.Cause,
        CheckedAt = context.Now,
        Model = context.Request.Model,
        Limit = refusing,
        Limits = limits,
        // A limit whose whole is too small for the request never opens for it.
        OpensAt = refusing.Required <= refusing.Capacity ? refusing.ResetsAt : null,
        IsRetryable = refusing.Cause == BillingCause.FreeRequestsPerMinute || StandsBehindRunningRequests(refusing),
        Remedy = Refusals.RemedyFor(refusing),
    };

    // Money that running requests hold comes free, in part, when they settle; a counted request stays counted.
    private static bool StandsBehindRunningRequests(LimitReading limit) =>
        limit.Unit != LimitUnit.Requests && limit.Held > 0 && limit.Required <= limit.Capacity - limit.Used;

    private void SayOnceWhatIsUnknown(AccountSnapshot snapshot)
    {
        if (snapshot.Balance.State == ReadingState.NotPermitted && Interlocked.Exchange(ref _saidBalanceIsUnknown, 1) == 0)
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

        public static Outcome Refused(BillingVerdict verdict) => new(new BillingGuardDecision { Refusal = verdict }, null, 0);
    }
}
