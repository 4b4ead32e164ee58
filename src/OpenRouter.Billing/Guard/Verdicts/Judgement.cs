namespace OpenRouter.Billing.Guard;

/// <summary>Turns what a ledger says about the claims of a request into a decision that explains itself.</summary>
internal static class Judgement
{
    /// <summary>What the decision would be, as far as the figures tell.</summary>
    public static BillingGuardDecision Of(BillingPolicyContext context, IReadOnlyList<LimitUsage> usage) => Decide(context, usage, mustRefuse: false);

    /// <summary>What the ledger refused is refused, even if the limits have room again when it is asked why.</summary>
    public static BillingGuardDecision Refuse(BillingPolicyContext context, IReadOnlyList<LimitUsage> usage) => Decide(context, usage, mustRefuse: true);

    /// <summary>Whether the request alone is within every limit that knows no history.</summary>
    public static bool FitsBounds(BillingPolicyContext context)
    {
        for (var index = 0; index < context.Bounds.Count; index++)
        {
            if (!context.Bounds[index].IsAdvisory && context.Bounds[index].Amount > context.Bounds[index].Capacity)
            {
                return false;
            }
        }

        return true;
    }

    private static BillingGuardDecision Decide(BillingPolicyContext context, IReadOnlyList<LimitUsage> usage, bool mustRefuse)
    {
        var limits = Read(context, usage);
        // A limit that is spent is named before one that is only too small for this request, as OpenRouter does; of those the balance first.
        var refusing = Array.Find(limits, limit => limit is { HasRoom: false, IsAdvisory: false, Remaining: <= 0 })
            ?? Array.Find(limits, limit => limit is { HasRoom: false, Cause: BillingCause.AccountCredits })
            ?? Array.Find(limits, limit => limit is { HasRoom: false, IsAdvisory: false })
            ?? (mustRefuse ? limits.Where(limit => !limit.IsAdvisory).MinBy(limit => limit.Remaining - limit.Required) : null);
        return new BillingGuardDecision
        {
            Refusal = refusing is null ? null : Verdict(refusing, limits, context),
            Limits = limits,
            Estimate = context.Estimate,
        };
    }

    private static LimitReading[] Read(BillingPolicyContext context, IReadOnlyList<LimitUsage> usage)
    {
        var bounds = context.Bounds.Count;
        var limits = new LimitReading[bounds + context.Claims.Count];
        for (var index = 0; index < limits.Length; index++)
        {
            limits[index] = index < bounds
                ? LimitReading.From(context.Bounds[index], default, [context.Bounds[index]])
                : LimitReading.From(context.Claims[index - bounds], usage[index - bounds], context.Claims);
        }

        return limits;
    }

    private static BillingVerdict Verdict(LimitReading refusing, LimitReading[] limits, BillingPolicyContext context)
    {
        var standsBehind = StandsBehindRunningRequests(refusing);
        var affordable = refusing.Unit == LimitUnit.Requests ? null : AffordableOutputTokens(limits, context.Estimate);
        return new BillingVerdict
        {
            Cause = refusing.Cause,
            CheckedAt = context.Now,
            Model = context.Request.Model,
            Limit = refusing,
            Limits = limits,
            // A limit whose whole is too small for the request never opens for it; one that running requests hold opens before its reset.
            OpensAt = refusing.IsTooSmallForEver || standsBehind ? null : refusing.ResetsAt,
            AffordableOutputTokens = affordable,
            IsRetryable = refusing.Cause == BillingCause.FreeRequestsPerMinute || standsBehind,
            Remedy = Remedies.For(refusing, affordable, context.Snapshot.Balance.Value),
        };
    }

    private static long? AffordableOutputTokens(LimitReading[] limits, CostEstimate? estimate)
    {
        decimal? least = null;
        foreach (var limit in limits)
        {
            if (limit.Unit != LimitUnit.Requests && limit.Cause != BillingCause.RunawayBrake)
            {
                least = Math.Min(least ?? decimal.MaxValue, limit.Remaining);
            }
        }

        return least is { } money ? estimate?.AffordableOutputTokens(money) : null;
    }

    // Money that running requests hold comes free, in part, when they settle; a counted request stays counted.
    private static bool StandsBehindRunningRequests(LimitReading limit) =>
        limit.Unit != LimitUnit.Requests && limit.Cause != BillingCause.RunawayLimit && limit.Held > 0 && limit.Required <= limit.Capacity - limit.Used;
}
