namespace OpenRouter.Billing.Guard;

/// <summary>Requests to free models must fit into the account's quotas, of the UTC day and of any 60 seconds.</summary>
/// <remarks>
/// The server's counter is minutes late, so the day is counted twice over: what the server said was left, less own requests
/// since; and own requests of the whole day against the whole quota. The tighter one decides.
/// </remarks>
internal sealed class FreeQuotaPolicy : IBillingPolicy
{
    private const long LowDailyQuota = 50;
    private const long HighDailyQuota = 1000;

    // OpenRouter raises the quota at 10 USD of purchases and grants it one credit early.
    private const decimal HighQuotaCredits = 9;

    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    public void Apply(BillingPolicyContext context)
    {
        if (!context.Request.UsesAnyFreeModel)
        {
            return;
        }

        if (context.Snapshot.Key.Value is { } key)
        {
            ClaimDay(context, key.FreeModelDailyRequests, ResetInterval.Daily.WindowStart(context.Now)!.Value);
        }

        context.Claim(LimitClaim.InRequests(context.Snapshot.FreeMinuteLimit, BillingCause.FreeRequestsPerMinute, context.Options.FreeRequestsPerMinute, context.Now - Minute)
            with { Window = Minute });
    }

    private static void ClaimDay(BillingPolicyContext context, FreeModelDailyRequests? counter, DateTimeOffset today)
    {
        var askedAt = context.Snapshot.Key.AskedAt;
        var quota = counter?.Limit ?? AssumedQuota(context.Snapshot.Balance.Value);
        var lag = context.Options.SettlementLag;
        // Yesterday's count holds until the day is new by a clock that is one lag behind, too.
        if (counter?.Remaining is { } remaining && (askedAt >= today || context.Now < today + lag))
        {
            context.Claim(LimitClaim.InRequests(context.Snapshot.FreeDayLeftLimit, BillingCause.FreeRequestsPerDay, remaining, askedAt - lag, today.AddDays(1))
                with { UsedBefore = Math.Max(0, quota - remaining), IsFromReading = true });
        }

        context.Claim(LimitClaim.InRequests(context.Snapshot.FreeDayLimit, BillingCause.FreeRequestsPerDay, quota, today - lag, today.AddDays(1)));
    }

    // Unknown purchases give the low quota: refusing too early costs less than an attempt that is refused and counted.
    private static long AssumedQuota(CreditBalance? credits) => credits?.TotalCredits >= HighQuotaCredits ? HighDailyQuota : LowDailyQuota;
}
