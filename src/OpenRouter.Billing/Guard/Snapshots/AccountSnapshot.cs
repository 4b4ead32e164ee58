namespace OpenRouter.Billing.Guard;

/// <summary>What the guard knows about a request's account and key.</summary>
/// <param name="KeyHash">The SHA-256 of the request's key.</param>
/// <param name="Balance">The account's credits.</param>
/// <param name="Key">The key's limits.</param>
internal sealed record AccountSnapshot(string KeyHash, Reading<CreditBalance> Balance, Reading<ApiKeyStatus> Key)
{
    /// <summary>Gets when the older of the two figures was asked for.</summary>
    public DateTimeOffset AskedAt => Balance.AskedAt < Key.AskedAt ? Balance.AskedAt : Key.AskedAt;

    /// <summary>Whether both figures are the very ones of another snapshot, so that a decision on it would be the same.</summary>
    public bool IsSameAs(AccountSnapshot other) => ReferenceEquals(Balance, other.Balance) && ReferenceEquals(Key, other.Key);
}
