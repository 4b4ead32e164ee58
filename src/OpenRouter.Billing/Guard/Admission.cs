using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>Admits requests: reads what is known of their account, asks the policies, and takes their claims from the ledger.</summary>
internal sealed class Admission(
    AccountSnapshots snapshots,
    RequestPricing pricing,
    IReadOnlyList<IBillingPolicy> policies,
    BoundedLedger ledger,
    GuardTelemetry telemetry)
{
    private const int MaxLowerings = 3;

    private readonly ClosedLimits _closed = new();
    private int _saidBalanceIsUnknown;

    /// <summary>Decides about a request, and holds its claims when asked to.</summary>
    /// <param name="ask">The request, the options of this moment, and whether to hold.</param>
    /// <param name="apiKey">The key that the request carries.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    public async ValueTask<AdmissionOutcome> DecideAsync(AdmissionRequest ask, string apiKey, CancellationToken cancellationToken)
    {
        var options = ask.Options;
        var figures = GetFreshFigures(ask, apiKey) ?? await ReadFiguresAsync(ask, apiKey, cancellationToken).ConfigureAwait(false);
        SayOnceWhatIsUnknown(figures.Snapshot, options.Guard);
        var isNew = figures.Snapshot.IsYoungerThan(options.Guard.MaxRefusalReadingAge, figures.Now, telemetry.TimeProvider);
        var outcome = await WeighAsync(ask, figures, isNew, cancellationToken).ConfigureAwait(false);
        if (!isNew && (outcome.IsTooClose || MayChange(outcome)))
        {
            // Credits may have been bought, a cap raised, or the rest been spent by others, since the figures were read.
            var renewed = await snapshots.RenewAsync(apiKey, options, figures.Snapshot, Freshness.CloseToLimits(options), cancellationToken).ConfigureAwait(false);
            figures = new AdmissionFigures(renewed, figures.Prices, Instant.Now(telemetry.TimeProvider));
            outcome = await WeighAsync(ask, figures, true, cancellationToken).ConfigureAwait(false);
        }
        else if (!outcome.IsFar && !figures.Snapshot.IsYoungerThan(options.Guard.RefreshAfter, figures.Now, telemetry.TimeProvider))
        {
            snapshots.Refresh(apiKey, options, Freshness.Usual(options));
        }

        outcome = outcome with { Account = figures.Snapshot };
        if (outcome.Decision.IsAllowed)
        {
            return outcome;
        }

        if (ask.Mode == BillingGuardMode.Observe)
        {
            return ask.Holds ? await HoldAnywayAsync(ask, figures, outcome, cancellationToken).ConfigureAwait(false) : outcome;
        }

        return options.Guard.LowerOutputCap && ask.Request.MayLowerOutputCap
            ? await LowerAsync(ask, figures, outcome, cancellationToken).ConfigureAwait(false)
            : outcome;
    }

    /// <summary>What is known of a key and its account now, without asking.</summary>
    public AccountSnapshot Peek(string apiKey, OpenRouterBillingOptions options) => snapshots.Peek(apiKey, options);

    /// <summary>Keeps in mind what OpenRouter refused a request by.</summary>
    public void Remember(BillingVerdict verdict, BillableRequest request, OpenRouterBillingOptions options, string apiKey) =>
        _closed.Close(verdict, new BillingPolicyContext(request, snapshots.Peek(apiKey, options), pricing.Peek(request, options.Guard, verdict.CheckedAt), options.Guard, verdict.CheckedAt));

    // What cannot be read was asked for a moment ago; asking again would only wait again. No figure takes the brake off.
    private static bool MayChange(AdmissionOutcome outcome) => !outcome.IsFinal && outcome.Decision.Refusal is { Cause: not (BillingCause.Unavailable or BillingCause.RunawayBrake) };

    // Most requests find all that they need to be fresh, and wait for nothing.
    private AdmissionFigures? GetFreshFigures(AdmissionRequest ask, string apiKey)
    {
        var now = Instant.Now(telemetry.TimeProvider);
        return snapshots.GetFresh(apiKey, ask.Options, Freshness.FarFromLimits(ask.Options), now) is { } snapshot && pricing.TryGetFresh(ask.Request, ask.Options, now, out var prices)
            ? new AdmissionFigures(snapshot, prices, now)
            : null;
    }

    private async ValueTask<AdmissionFigures> ReadFiguresAsync(AdmissionRequest ask, string apiKey, CancellationToken cancellationToken)
    {
        // Asked for beside the account's figures, so that a cold start waits for the slowest of the three only.
        var pricesTask = pricing.GetPricesAsync(ask.Request, ask.Options, cancellationToken);
        var snapshot = await snapshots.GetAsync(apiKey, ask.Options, Freshness.FarFromLimits(ask.Options), cancellationToken).ConfigureAwait(false);
        var prices = await pricesTask.ConfigureAwait(false);
        return new AdmissionFigures(snapshot, prices, Instant.Now(telemetry.TimeProvider));
    }

    private async ValueTask<AdmissionOutcome> WeighAsync(AdmissionRequest ask, AdmissionFigures figures, bool mayDecide, CancellationToken cancellationToken)
    {
        var context = ContextOf(ask, figures, out var fault);
        try
        {
            if (fault is not null)
            {
                context.CannotKnow(fault);
            }

            if (_closed.Find(context) is { } closed)
            {
                return AdmissionOutcome.Refused(closed.Refusal) with { IsFinal = closed.IsFinal };
            }

            for (var index = 0; index < policies.Count && context.Refusal is null; index++)
            {
                Apply(policies[index], context);
            }

            if (context.Refusal is { } refused)
            {
                return AdmissionOutcome.Refused(await ExplainAsync(refused, context, cancellationToken).ConfigureAwait(false));
            }

            if (!mayDecide && context.Headroom.IsNear)
            {
                return new AdmissionOutcome { IsTooClose = true };
            }

            return ask.Holds && Judgement.FitsBounds(context)
                ? await TakeAsync(context, cancellationToken).ConfigureAwait(false)
                : await PeekAsync(context, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // whatever breaks while deciding, the options say what becomes of the request
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            context.CannotKnow(exception);
            GuardLog.DecisionFailed(telemetry.Logger, exception);
            return context.Refusal is { } refusal ? AdmissionOutcome.Refused(refusal) : AdmissionOutcome.Allowed(null, context) with { Decision = new BillingGuardDecision { Estimate = context.Estimate } };
        }
    }

    // A policy that fails is one limit that cannot be read: the others hold all the same.
    private void Apply(IBillingPolicy policy, BillingPolicyContext context)
    {
        try
        {
            policy.Apply(context);
        }
#pragma warning disable CA1031 // see above; the fault goes into the decision
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GuardLog.DecisionFailed(telemetry.Logger, exception);
            context.CannotKnow(exception);
        }
    }

    private BillingPolicyContext ContextOf(AdmissionRequest ask, AdmissionFigures figures, out Exception? fault) =>
        new(ask.Request, figures.Snapshot, pricing.Estimate(ask.Request, figures.Prices, ask.Options.Guard, figures.Now.Utc, out fault), ask.Options.Guard, figures.Now.Utc) { Pass = ask.Pass };

    private async ValueTask<AdmissionOutcome> TakeAsync(BillingPolicyContext context, CancellationToken cancellationToken)
    {
        var goesOutAnyway = context.Options.WhenUnavailable == UnavailableBehavior.Allow;
        var answer = IsToBeBooked(context) ? await ledger.AcquireAsync(LeaseRequest(context, context.Claims), context.Options, goesOutAnyway, cancellationToken).ConfigureAwait(false) : default;
        if (context.Claims.Count > 0 && answer.Lease is null)
        {
            return new AdmissionOutcome(Judgement.Refuse(context, answer.Usage), null, 0);
        }

        if (context.IsUnchecked)
        {
            GuardLog.SentUnchecked(telemetry.Logger, context.Unchecked);
        }

        return AdmissionOutcome.Allowed(answer.Lease, context);
    }

    private async ValueTask<AdmissionOutcome> PeekAsync(BillingPolicyContext context, CancellationToken cancellationToken)
    {
        var usage = await ledger.PeekAsync(context.Claims, context.Options, cancellationToken).ConfigureAwait(false);
        return AdmissionOutcome.Allowed(null, context) with { Decision = Judgement.Of(context, usage) };
    }

    // What a policy refuses outright is told with the limits that were looked at until then.
    private async ValueTask<BillingVerdict> ExplainAsync(BillingVerdict refusal, BillingPolicyContext context, CancellationToken cancellationToken) =>
        context.Claims.Count + context.Bounds.Count == 0 ? refusal
        : refusal with { Limits = Judgement.Of(context, await ledger.PeekAsync(context.Claims, context.Options, cancellationToken).ConfigureAwait(false)).Limits };

    // Others may take what was left while this one lowers its cap, so it tries again, but not for ever.
    private async ValueTask<AdmissionOutcome> LowerAsync(AdmissionRequest ask, AdmissionFigures figures, AdmissionOutcome refused, CancellationToken cancellationToken)
    {
        var outcome = refused;
        for (var attempt = 0; attempt < MaxLowerings && outcome.Decision.Refusal?.AffordableOutputTokens is { } tokens && tokens >= ask.Options.Guard.LeastOutputTokens; attempt++)
        {
            var lowered = ask with { Request = ask.Request with { MaxOutputTokens = tokens } };
            outcome = await WeighAsync(lowered, figures, true, cancellationToken).ConfigureAwait(false);
            if (outcome.Decision.IsAllowed)
            {
                return outcome with { Decision = outcome.Decision with { OutputCap = tokens } };
            }
        }

        return refused;
    }

    // It goes out whatever the limits say, so what it spends is booked on all of them, or their next answers would be wrong.
    private async ValueTask<AdmissionOutcome> HoldAnywayAsync(AdmissionRequest ask, AdmissionFigures figures, AdmissionOutcome refused, CancellationToken cancellationToken)
    {
        var context = ContextOf(ask with { Pass = null }, figures, out _);
        LeaseId? lease = null;
        try
        {
            foreach (var policy in policies)
            {
                Apply(policy, context);
            }

            var claims = context.Claims.Select(claim => claim with { Capacity = long.MaxValue }).ToArray();
            lease = IsToBeBooked(context) ? (await ledger.AcquireAsync(LeaseRequest(context, claims), context.Options, goesOutAnyway: true, cancellationToken).ConfigureAwait(false)).Lease : null;
        }
#pragma warning disable CA1031 // nothing is refused while observing, so the log is all that a fault can reach
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            GuardLog.DecisionFailed(telemetry.Logger, exception);
        }

        return refused with { Lease = lease, Cost = context.Cost };
    }

    private bool IsToBeBooked(BillingPolicyContext context) => context.Claims.Count > 0 || ledger.SumsUpSpending;

    private static LeaseRequest LeaseRequest(BillingPolicyContext context, IReadOnlyList<LimitClaim> claims) => new()
    {
        Claims = claims,
        Duration = context.Options.LeaseDuration,
        ClaimedCost = NanoDollars.RoundUp(context.Cost),
        Labels = new SpendLabels
        {
            Project = context.Scope.Project,
            Member = context.Scope.Member,
            Workspace = context.Scope.Workspace,
            KeyHash = context.Snapshot.KeyHash,
            Model = context.Request.Model,
        },
    };

    private void SayOnceWhatIsUnknown(AccountSnapshot snapshot, BillingGuardOptions options)
    {
        if (!options.PaysByInvoice && snapshot.Balance.State == ReadingState.NotPermitted && Interlocked.Exchange(ref _saidBalanceIsUnknown, 1) == 0)
        {
            GuardLog.BalanceIsUnknown(telemetry.Logger);
        }
    }
}
