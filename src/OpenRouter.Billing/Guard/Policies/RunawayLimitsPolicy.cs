using System.Globalization;

namespace OpenRouter.Billing.Guard;

/// <summary>No spender may use more in any stretch of time than the app thinks sane.</summary>
internal sealed class RunawayLimitsPolicy : IBillingPolicy
{
    public void Apply(BillingPolicyContext context)
    {
        var limits = context.Options.RunawayLimits;
        for (var index = 0; index < limits.Count; index++)
        {
            if (context.Identify(limits[index].Per) is { } spender)
            {
                Claim(limits[index], spender, context);
            }
        }
    }

    private static void Claim(RunawayLimitOptions limit, SpenderIdentity spender, BillingPolicyContext context)
    {
        var seconds = limit.Window.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        var identity = $"runaway/{seconds}/{spender.Identity}";
        var since = context.Now.UtcTicks > limit.Window.Ticks ? context.Now - limit.Window : DateTimeOffset.MinValue;
        if (limit.MaxCost is { } most && context.Cost > 0)
        {
            context.Claim(LimitClaim.InUsDollars(identity + "/cost", BillingCause.RunawayLimit, context.Cost, most, since) with
            {
                Window = limit.Window,
                Name = spender.Describe($"{seconds} s"),
                IsWholeKnown = true,
            });
        }

        if (limit.MaxRequests is { } requests)
        {
            context.Claim(LimitClaim.InRequests(identity + "/requests", BillingCause.RunawayLimit, requests, since) with
            {
                Window = limit.Window,
                Name = spender.Describe($"{seconds} s"),
            });
        }
    }
}
