using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
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

    private readonly Func<OpenRouterBillingOptions> _options;
    private readonly Admission _admission;
    private readonly WaitingLine _freeMinute;
    private readonly Reconciler _reconciler;
    private readonly BoundedLedger _ledger;
    private readonly GuardTelemetry _telemetry;
    private readonly IBillingRefusalObserver[] _observers;

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
        var clock = services.TimeProvider ?? TimeProvider.System;
        var logger = services.Logger ?? NullLogger<BillingGuard>.Instance;
        var ledger = new BoundedLedger(services.Ledger ?? new InMemoryBillingLedger(clock), clock, logger);
        _telemetry = new GuardTelemetry(clock, logger, new GuardMeter(services.MeterFactory));
        var brake = services.Brake ?? new RunawayBrake(clock);
        brake.TellTo(_telemetry, services.BrakeObservers);
        _options = options;
        _observers = [.. services.RefusalObservers];
        _ledger = ledger;
        _freeMinute = new WaitingLine(clock);
        _reconciler = new Reconciler(createHttpClient, options, clock, logger);
        // A ledger that several processes share keeps another clock, and the whole lag for it.
        var learnsLag = services.Ledger is null or InMemoryBillingLedger;
        _admission = new Admission(
            new AccountSnapshots(
                new AccountReader(createHttpClient, clock),
                clock,
                learnsLag,
                _telemetry.Meter,
                services.SharedState is { } state ? new BoundedState(state, clock, logger) : null),
            new RequestPricing(new ModelCatalogue(createHttpClient, options, _telemetry), services.TokenCounter, logger),
            [.. OwnPolicies, new RunawayBrakePolicy(brake), .. services.Policies],
            ledger,
            _telemetry);
        _telemetry.Meter.Watch(this);
    }

    /// <summary>Waits until nothing is left to be found out about what answers have cost.</summary>
    internal Task WaitUntilReconciledAsync() => _reconciler.WaitUntilIdleAsync();

    /// <inheritdoc/>
    public async ValueTask<BillingGuardDecision> EvaluateAsync(BillableRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!TryReadOptions(out var options, out var fault))
        {
            return Refuse(BillingCause.Unavailable, request, fault).Decision;
        }

        var outcome = await DecideAsync(new AdmissionRequest(request, options, options.Guard.Mode, Holds: false), cancellationToken).ConfigureAwait(false);
        _telemetry.Meter.DecidedBy(outcome.Account, _telemetry.TimeProvider);
        return outcome.Decision;
    }

    /// <inheritdoc/>
    public async ValueTask<BillingLease> ReserveAsync(BillableRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        // Options that were changed while the app runs, and are wrong now: nobody can say what they meant to allow.
        _ = TryReadOptions(out var options, out var fault);
        var mode = options?.Guard.Mode ?? BillingGuardMode.Enforce;
        if (mode == BillingGuardMode.Off)
        {
            return new BillingLease(_ledger.Inner, null, 0);
        }

        using var span = GuardTrace.Start(request);
        long? since = _telemetry.Meter.TimesDecisions ? _telemetry.TimeProvider.GetTimestamp() : null;
        var pass = options?.Guard.Brake.Action is null or BrakeAction.None ? null : new BrakePass();
        var outcome = options is not null
            ? await AdmitAsync(new AdmissionRequest(request, options, mode, Holds: true, pass), cancellationToken).ConfigureAwait(false)
            : Refuse(BillingCause.Unavailable, request, fault);
        if (since is { } started)
        {
            _telemetry.Meter.Decided(_telemetry.TimeProvider.GetElapsedTime(started));
        }

        _telemetry.Meter.DecidedBy(outcome.Account, _telemetry.TimeProvider);
        var isObserved = mode == BillingGuardMode.Observe;
        Report(outcome, request, isObserved, span);
        return outcome.Decision.Refusal is { } refusal && !isObserved
            ? throw Refusals.ToException(refusal)
            : new BillingLease(_ledger.Inner, outcome.Lease, outcome.Cost)
            {
                OutputCap = outcome.Decision.OutputCap,
                Refusal = outcome.Decision.Refusal,
                Account = outcome.Account,
                Reconciler = _reconciler,
                Bounds = _ledger,
                Patience = options?.Guard.ReadingTimeout ?? TimeSpan.Zero,
                Meter = _telemetry.Meter,
                ApiKey = request.ApiKey,
                Pass = pass,
            };
    }

    /// <inheritdoc/>
    public AccountFigures Peek() =>
        TryReadOptions(out var options, out _) && options.ApiKey is { } apiKey && KeyShape.FindProblem(apiKey) is null
            ? AccountFigures.Of(_admission.Peek(apiKey, options))
            : AccountFigures.Nothing;

    /// <inheritdoc/>
    public BillingVerdict? Learn(BillableRequest request, HttpStatusCode statusCode, ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string>? headers = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        var now = _telemetry.TimeProvider.GetUtcNow();
        if (FailureClassifier.Classify((int)statusCode, FailureHeaders.From(headers), body.Span, now) is not { } said)
        {
            return null;
        }

        var verdict = said with { Model = request.Model };
        if (Refusals.IsBilling(verdict.Cause))
        {
            _telemetry.Meter.Refused(verdict, isObserved: false);
            GuardLog.RefusedByServer(_telemetry.Logger, verdict.Cause, verdict.OpensAt);
            TellObservers(verdict, request, isObserved: false);
            Remember(verdict, request);
        }

        return verdict;
    }

    private void Remember(BillingVerdict verdict, BillableRequest request)
    {
        if (!TryReadOptions(out var options, out var fault))
        {
            // The answer is the caller's all the same; the next request is refused for these options.
            GuardLog.DecisionFailed(_telemetry.Logger, fault);
        }
        else if ((request.ApiKey ?? options.ApiKey) is { } apiKey)
        {
            _admission.Remember(verdict, request, options, apiKey);
        }
    }

    private ValueTask<AdmissionOutcome> AdmitAsync(AdmissionRequest ask, CancellationToken cancellationToken) =>
        ask.Pass is null ? AdmitUnbrakedAsync(ask, cancellationToken) : AdmitBrakedAsync(ask, ask.Pass, cancellationToken);

    private async ValueTask<AdmissionOutcome> AdmitBrakedAsync(AdmissionRequest ask, BrakePass pass, CancellationToken cancellationToken)
    {
        var outcome = default(AdmissionOutcome);
        try
        {
            outcome = await AdmitUnbrakedAsync(ask, cancellationToken).ConfigureAwait(false);
            if (outcome.Decision.IsAllowed && pass.Pause > TimeSpan.Zero && ask.Mode == BillingGuardMode.Enforce)
            {
                await Task.Delay(pass.Pause, _telemetry.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            pass.GiveBack();
            if (outcome.Lease is { } lease)
            {
                await _ledger.GiveBackAsync(_ledger.Inner.ReleaseAsync(lease, CancellationToken.None), ask.Options.Guard.ReadingTimeout, CancellationToken.None).ConfigureAwait(false);
            }

            throw;
        }

        if (!outcome.Decision.IsAllowed)
        {
            pass.GiveBack();
        }

        return outcome;
    }

    // The free minute opens soon enough to be waited for, which no other limit does.
    private async ValueTask<AdmissionOutcome> AdmitUnbrakedAsync(AdmissionRequest ask, CancellationToken cancellationToken)
    {
        var outcome = await DecideAsync(ask, cancellationToken).ConfigureAwait(false);
        var patience = ask.Mode == BillingGuardMode.Enforce ? ask.Options.Guard.FreeMinuteWait : TimeSpan.Zero;
        return patience > TimeSpan.Zero && MinuteOpensAt(outcome) is not null
            ? await WaitForMinuteAsync(ask, patience, cancellationToken).ConfigureAwait(false) ?? outcome
            : outcome;
    }

    private ValueTask<AdmissionOutcome?> WaitForMinuteAsync(AdmissionRequest ask, TimeSpan patience, CancellationToken cancellationToken) =>
        _freeMinute.TryInTurnAsync(() => DecideAsync(ask, cancellationToken), MinuteOpensAt, patience, cancellationToken);

    private static DateTimeOffset? MinuteOpensAt(AdmissionOutcome outcome) =>
        outcome.Decision.Refusal is { Cause: BillingCause.FreeRequestsPerMinute, OpensAt: { } opensAt } ? opensAt : null;

    private ValueTask<AdmissionOutcome> DecideAsync(AdmissionRequest ask, CancellationToken cancellationToken)
    {
        if (ask.Mode == BillingGuardMode.Off)
        {
            return ValueTask.FromResult(new AdmissionOutcome(new BillingGuardDecision(), null, 0));
        }

        // Without a key, or with what cannot be one, there is nothing to ask about: the server would say 401.
        return (ask.Request.ApiKey ?? ask.Options.ApiKey) is { } apiKey && KeyShape.FindProblem(apiKey) is null
            ? _admission.DecideAsync(ask, apiKey, cancellationToken)
            : ValueTask.FromResult(Refuse(BillingCause.Authentication, ask.Request, null));
    }

    private AdmissionOutcome Refuse(BillingCause cause, BillableRequest request, Exception? fault) =>
        AdmissionOutcome.Refused(Refusals.WithoutLimit(cause, request, _telemetry.TimeProvider.GetUtcNow(), fault));

    private void TellObservers(BillingVerdict refusal, BillableRequest request, bool isObserved)
    {
        foreach (var observer in _observers)
        {
            try
            {
                observer.Refused(new BillingRefusal(refusal, request.Scope?.Within(BillingScope.Current) ?? BillingScope.Current, isObserved));
            }
#pragma warning disable CA1031 // the refusal is the caller's, whatever its observers make of it
            catch (Exception exception)
#pragma warning restore CA1031
            {
                GuardLog.ObserverFailed(_telemetry.Logger, exception);
            }
        }
    }

    private void Report(AdmissionOutcome outcome, BillableRequest request, bool isObserved, Activity? span)
    {
        if (outcome.Lease is not null)
        {
            _telemetry.Meter.LeaseOpened();
        }

        if (outcome.Decision.Refusal is not { } refusal)
        {
            _telemetry.Meter.Admitted(outcome.Cost, outcome.IsUnchecked);
            span?.Admitted(outcome.Cost, outcome.IsUnchecked);
            return;
        }

        _telemetry.Meter.Refused(refusal, isObserved);
        span?.Refused(refusal, isObserved);
        TellObservers(refusal, request, isObserved);
        if (isObserved)
        {
            GuardLog.Observed(_telemetry.Logger, refusal.Cause, refusal.OpensAt);
        }
        else
        {
            GuardLog.Refused(_telemetry.Logger, refusal.Cause, refusal.OpensAt);
        }
    }

    private bool TryReadOptions([NotNullWhen(true)] out OpenRouterBillingOptions? options, [NotNullWhen(false)] out Exception? fault)
    {
        try
        {
            (options, fault) = (_options(), null);
            return true;
        }
#pragma warning disable CA1031 // a value that cannot be converted fails in another way than one that is out of its range
        catch (Exception exception)
#pragma warning restore CA1031
        {
            (options, fault) = (null, exception);
            return false;
        }
    }
}
