namespace OpenRouter.Billing.Guard;

/// <summary>The account's balance must cover the request and keep its minimum; a negative one refuses free requests too.</summary>
internal sealed class BalancePolicy : IBillingPolicy
{
    public void Apply(BillingPolicyContext context)
    {
        var reading = context.Snapshot.Balance;
        if (reading.State == ReadingState.Unavailable)
        {
            context.CannotKnow(reading.Fault);
        }
        else if (reading.Value is { } credits)
        {
            // The floor is the app's own wish and binds what the app pays; OpenRouter itself blocks free models below zero only.
            var floor = context.Request.IsPaid ? context.Options.MinimumBalance : 0;
            var cause = credits.TotalCredits == 0 ? BillingCause.NeverFunded : BillingCause.AccountCredits;
            context.Claim(LimitClaim.InUsDollars(
                context.Snapshot.BalanceLimit, cause, context.Cost, credits.Remaining - floor, reading.AskedAt - context.Snapshot.BalanceLag.Within(context.Options))
                with { IsFromReading = true });
        }
    }
}
