namespace OpenRouter.Billing.Guard;

/// <summary>What the guard knows about a request's account and key.</summary>
/// <param name="AccountId">Whose wallet it is, as far as that is known; requests of one account share limits by it.</param>
/// <param name="KeyHash">The SHA-256 of the request's key.</param>
/// <param name="Balance">The account's credits.</param>
/// <param name="Key">The key's limits.</param>
internal sealed record AccountSnapshot(string AccountId, string KeyHash, Reading<CreditBalance> Balance, Reading<ApiKeyStatus> Key)
{
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
    public bool IsYoungerThan(TimeSpan age, TimeProvider timeProvider) =>
        (Balance.State != ReadingState.Known || Balance.IsYoungerThan(age, timeProvider))
        && (Key.State == ReadingState.Unavailable || Key.IsYoungerThan(age, timeProvider));
}
