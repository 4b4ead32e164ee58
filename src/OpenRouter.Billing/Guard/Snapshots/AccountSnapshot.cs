namespace OpenRouter.Billing.Guard;

/// <summary>What the guard knows about a request's account and key.</summary>
/// <param name="AccountId">Whose wallet it is, as far as that is known; requests of one account share limits by it.</param>
/// <param name="KeyHash">The SHA-256 of the request's key.</param>
/// <param name="Balance">The account's credits.</param>
/// <param name="Key">The key's limits.</param>
internal sealed record AccountSnapshot(string AccountId, string KeyHash, Reading<CreditBalance> Balance, Reading<ApiKeyStatus> Key)
{
    /// <summary>Gets the identity of the limit that the balance is.</summary>
    public string BalanceLimit { get; } = $"account/{AccountId}/balance";

    /// <summary>Gets the identity of the limit that the key's own cap is.</summary>
    public string KeyLimit { get; } = $"key/{KeyHash}";

    /// <summary>Gets the identity of the free requests of a minute.</summary>
    public string FreeMinuteLimit { get; } = $"account/{AccountId}/free-minute";

    /// <summary>Gets the identity of the free requests of a day.</summary>
    public string FreeDayLimit { get; } = $"account/{AccountId}/free-day";

    /// <summary>Gets the identity of the free requests that the server said were left of a day.</summary>
    public string FreeDayLeftLimit { get; } = $"account/{AccountId}/free-day-left";

    /// <summary>Gets the identities of what OpenRouter may refuse this key's requests by, in the order in which it checks.</summary>
    public IReadOnlyList<string> ClosableLimits { get; } = ClosedLimits.Identities(AccountId, KeyHash, Key.Value);

    /// <summary>Gets how late own spending shows in the balance.</summary>
    public required LearnedLag BalanceLag { get; init; }

    /// <summary>Gets how late own spending shows in the key's figures.</summary>
    public required LearnedLag KeyLag { get; init; }

    /// <summary>Takes in that a request with this key has cost so much, in US dollars of credits.</summary>
    public void Spent(decimal cost)
    {
        BalanceLag.Spent(cost);
        KeyLag.Spent(cost);
    }

    /// <summary>Whether every figure that is known is young enough to refuse on.</summary>
    public bool IsYoungerThan(TimeSpan age, Instant now, TimeProvider timeProvider) =>
        (Balance.State != ReadingState.Known || Balance.IsYoungerThan(age, now, timeProvider))
        && (Key.State == ReadingState.Unavailable || Key.IsYoungerThan(age, now, timeProvider));
}
