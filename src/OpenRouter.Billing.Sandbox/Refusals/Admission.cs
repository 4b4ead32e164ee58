namespace OpenRouter.Billing.Sandbox;

/// <summary>The checks before a request is routed, in OpenRouter's order. Runs under the account's lock.</summary>
internal sealed class Admission(SandboxAccount account, OpenRouterSandboxOptions options)
{
    private const int FreePerDay = 50;
    private const int FreePerDayAfterPurchases = 1000;

    /// <summary>The documented threshold is 10, but the higher tier is granted one credit early.</summary>
    private const decimal PurchasesForMoreFreeRequests = 9m;

    public int FreeRequestsPerDay => HasHighFreeTier ? FreePerDayAfterPurchases : FreePerDay;

    private bool HasHighFreeTier => account.TotalCredits >= PurchasesForMoreFreeRequests;

    private bool EverFunded => account.TotalCredits > 0;

    public Refusal? Check(SandboxKey key, SandboxQuote quote, DateTimeOffset now) =>
        CheckBudgets(key, now)
        ?? CheckBalance(quote)
        ?? CheckFreeQuota(quote, now)
        ?? CheckAffordable(key, quote, now)
        ?? CheckInFlight(quote);

    private Refusal? CheckBudgets(SandboxKey key, DateTimeOffset now) =>
        account.StandingsOf(key, now).FirstOrDefault(budget => budget.Remaining <= 0) is { } spent
            ? Refused.BudgetSpent(spent, key)
            : null;

    private Refusal? CheckBalance(SandboxQuote quote)
    {
        bool costsNothing = quote.MaximumCost == 0;
        if (account.Balance > 0 || (account.Balance == 0 && costsNothing))
        {
            return null;
        }

        return EverFunded ? Refused.NoCredits : Refused.NeverFunded;
    }

    private Refusal? CheckFreeQuota(SandboxQuote quote, DateTimeOffset now)
    {
        if (!quote.IsFree)
        {
            return null;
        }

        (int today, int thisMinute) = account.FreeRequests.Count(now);
        if (today > FreeRequestsPerDay)
        {
            return Refused.FreeDay(FreeRequestsPerDay, HasHighFreeTier, UtcWindow.StartOfDay(now).AddDays(1));
        }

        return thisMinute > FreeRequestCounter.PerMinute
            ? Refused.FreeMinute(FreeRequestCounter.PerMinute, FreeRequestCounter.NextMinute(now))
            : null;
    }

    private Refusal? CheckAffordable(SandboxKey key, SandboxQuote quote, DateTimeOffset now)
    {
        if (TokensBeyond(account.Balance, quote) is { } account402)
        {
            return account402.Prompt
                ? Refused.PromptTooExpensive(quote.PromptTokens, account402.Affordable, EverFunded)
                : Refused.TooExpensive(quote.MaximumOutputTokens, account402.Affordable, EverFunded);
        }

        if (key.RemainingAt(now) is { } remaining && TokensBeyond(remaining, quote) is { } key402)
        {
            return key402.Prompt
                ? Refused.PromptTooExpensiveForKey(quote.PromptTokens, key402.Affordable, key)
                : Refused.TooExpensiveForKey(quote.MaximumOutputTokens, key402.Affordable, key);
        }

        return null;
    }

    /// <returns>Null when the money covers prompt and output cap; otherwise which of the two it does not, and how many of those tokens it buys.</returns>
    private static (bool Prompt, long Affordable)? TokensBeyond(decimal money, SandboxQuote quote)
    {
        if (quote.TokenCostOf(quote.MaximumOutputTokens) <= money)
        {
            return null;
        }

        decimal promptCost = quote.TokenCostOf(0);
        return promptCost > money
            ? (true, (long)decimal.Floor(money / quote.PromptPrice))
            : (false, (long)decimal.Floor((money - promptCost) / quote.CompletionPrice));
    }

    private Refusal? CheckInFlight(SandboxQuote quote)
    {
        if (options.InFlightShare is not { } share || HoldOf(quote) is not (> 0 and var hold))
        {
            return null;
        }

        decimal budget = account.Balance * share;
        if (hold > budget)
        {
            return Refused.TooHeavyForInFlight;
        }

        return account.Held + hold > budget ? Refused.InFlight(options.InFlightRetryAfter) : null;
    }

    /// <summary>Token prices only, as OpenRouter holds: fees are not part of it.</summary>
    public decimal HoldOf(SandboxQuote quote) =>
        quote.TokenCostOf(Math.Min(quote.MaximumOutputTokens, options.InFlightOutputTokens));
}
