namespace OpenRouter.Billing.Guard;

/// <summary>What a guard knows of the account and the key in its options, as last read.</summary>
public sealed record AccountFigures
{
    /// <summary>Gets the account's credits.</summary>
    /// <value><see langword="null"/> when they were never read, or may not be.</value>
    public CreditBalance? Balance { get; init; }

    /// <summary>Gets whether OpenRouter does not tell this key the balance, so that asking again is no use.</summary>
    public bool IsBalanceWithheld { get; init; }

    /// <summary>Gets when the balance was asked for.</summary>
    /// <value>UTC; <see langword="null"/> when nothing is known of it.</value>
    public DateTimeOffset? BalanceReadAt { get; init; }

    /// <summary>Gets the key's limits.</summary>
    /// <value><see langword="null"/> when they were never read.</value>
    public ApiKeyStatus? Key { get; init; }

    /// <summary>Gets when the key's limits were asked for.</summary>
    /// <value>UTC; <see langword="null"/> when nothing is known of them.</value>
    public DateTimeOffset? KeyReadAt { get; init; }

    internal static AccountFigures Nothing { get; } = new();

    internal static AccountFigures Of(AccountSnapshot snapshot) => new()
    {
        Balance = snapshot.Balance.Value,
        IsBalanceWithheld = snapshot.Balance.State == ReadingState.NotPermitted,
        BalanceReadAt = snapshot.Balance.Value is null ? null : snapshot.Balance.AskedAt,
        Key = snapshot.Key.Value,
        KeyReadAt = snapshot.Key.Value is null ? null : snapshot.Key.AskedAt,
    };
}
