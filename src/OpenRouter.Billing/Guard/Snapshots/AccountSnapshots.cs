using System.Collections.Concurrent;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>The figures of one account and of each key that requests carry. Keys are kept as hashes only.</summary>
internal sealed class AccountSnapshots(AccountReader reader, TimeProvider timeProvider)
{
    // A key that may not read the balance will hardly be allowed to a minute later.
    private readonly SharedReading<CreditBalance> _balance = new(timeProvider, TimeSpan.FromHours(1));
    private readonly ConcurrentDictionary<string, SharedReading<ApiKeyStatus>> _keys = new(StringComparer.Ordinal);

    public async ValueTask<AccountSnapshot> GetAsync(string apiKey, Freshness freshness, CancellationToken cancellationToken)
    {
        var hash = KeyShape.Hash(apiKey);
        // Both questions are started before either is waited for.
        var balance = _balance.GetAsync(() => reader.ReadBalanceAsync(apiKey), freshness, cancellationToken);
        var key = _keys.GetOrAdd(hash, _ => new SharedReading<ApiKeyStatus>(timeProvider)).GetAsync(() => reader.ReadKeyAsync(apiKey), freshness, cancellationToken);
        return CrossCheck(new AccountSnapshot(hash, await balance.ConfigureAwait(false), await key.ConfigureAwait(false)));
    }

    /// <summary>Gets what is known now, without asking.</summary>
    public AccountSnapshot Peek(string apiKey)
    {
        var hash = KeyShape.Hash(apiKey);
        var key = _keys.GetValueOrDefault(hash) ?? new SharedReading<ApiKeyStatus>(timeProvider);
        return new AccountSnapshot(hash, _balance.Peek(), key.Peek());
    }

    /// <summary>Gets figures that are new enough to refuse on; one that cannot be had stays as it was.</summary>
    public async ValueTask<AccountSnapshot> RenewAsync(string apiKey, AccountSnapshot old, Freshness freshness, CancellationToken cancellationToken)
    {
        var renewed = await GetAsync(apiKey, freshness, cancellationToken).ConfigureAwait(false);
        return renewed with
        {
            Balance = renewed.Balance.State == ReadingState.Unavailable ? old.Balance : renewed.Balance,
            Key = renewed.Key.State == ReadingState.Unavailable ? old.Key : renewed.Key,
        };
    }

    // Zeros that the key's own figures prove false come from a key that is no management key: they mean "unknown".
    private static AccountSnapshot CrossCheck(AccountSnapshot snapshot) =>
        snapshot.Balance.Value is { TotalCredits: 0, TotalUsage: 0 }
        && snapshot.Key.Value is { } key
        && (key.Usage.Total > 0 || key.IsFreeTier == false)
            ? snapshot with { Balance = Reading<CreditBalance>.NotPermitted(snapshot.Balance.AskedAt) }
            : snapshot;
}
