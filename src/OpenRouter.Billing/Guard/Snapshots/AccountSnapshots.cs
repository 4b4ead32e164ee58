using System.Collections.Concurrent;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>The figures of the account and of each key that requests carry. Keys are kept as hashes only.</summary>
/// <remarks>
/// With a management key there is one wallet, the one that this key reads. Without one every request's key asks for the
/// balance itself, and may be told another one, or none: so those balances are never mixed.
/// </remarks>
internal sealed class AccountSnapshots(AccountReader reader, TimeProvider timeProvider)
{
    private const int MaxKeys = 1024;

    // A key that may not read the balance will hardly be allowed to a minute later.
    private static readonly TimeSpan KeepRefusalFor = TimeSpan.FromHours(1);

    private readonly SharedReading<CreditBalance> _balance = new(timeProvider, KeepRefusalFor);
    private readonly ConcurrentDictionary<string, KeyFigures> _keys = new(StringComparer.Ordinal);

    public async ValueTask<AccountSnapshot> GetAsync(string apiKey, string? managementKey, Freshness freshness, CancellationToken cancellationToken)
    {
        var hash = KeyShape.Hash(apiKey);
        var figures = FiguresOf(hash);
        // Both questions are started before either is waited for.
        var balanceTask = (managementKey is null ? figures.Balance : _balance).GetAsync(() => reader.ReadBalanceAsync(apiKey), freshness, cancellationToken);
        var keyTask = figures.Key.GetAsync(() => reader.ReadKeyAsync(apiKey), freshness, cancellationToken);
        var balance = await balanceTask.ConfigureAwait(false);
        var key = await keyTask.ConfigureAwait(false);
        return Assemble(hash, managementKey, balance, key);
    }

    /// <summary>Gets what is known now, without asking.</summary>
    public AccountSnapshot Peek(string apiKey, string? managementKey)
    {
        var hash = KeyShape.Hash(apiKey);
        var figures = FiguresOf(hash);
        return Assemble(hash, managementKey, (managementKey is null ? figures.Balance : _balance).Peek(), figures.Key.Peek());
    }

    /// <summary>Gets figures that are new enough to refuse on; one that cannot be had stays as it was.</summary>
    public async ValueTask<AccountSnapshot> RenewAsync(string apiKey, string? managementKey, AccountSnapshot old, Freshness freshness, CancellationToken cancellationToken)
    {
        var renewed = await GetAsync(apiKey, managementKey, freshness, cancellationToken).ConfigureAwait(false);
        return Assemble(
            old.KeyHash,
            managementKey,
            renewed.Balance.State == ReadingState.Unavailable ? old.Balance : renewed.Balance,
            renewed.Key.State == ReadingState.Unavailable ? old.Key : renewed.Key);
    }

    private static AccountSnapshot Assemble(string hash, string? managementKey, Reading<CreditBalance> balance, Reading<ApiKeyStatus> key)
    {
        var account = managementKey is not null ? "management/" + KeyShape.Hash(managementKey) : key.Value?.OrganizationId ?? key.Value?.CreatorUserId ?? hash;
        return new AccountSnapshot(account, hash, ProvedFalse(balance, key.Value) ? balance.AsNotPermitted() : balance, key);
    }

    // Zeros that the key's own figures contradict come from a key that is no management key: they mean "unknown".
    private static bool ProvedFalse(Reading<CreditBalance> balance, ApiKeyStatus? key) =>
        balance.Value is { TotalCredits: 0, TotalUsage: 0 } && key is not null && (key.Usage.Total > 0 || key.IsFreeTier == false);

    private KeyFigures FiguresOf(string hash)
    {
        if (_keys.TryGetValue(hash, out var figures))
        {
            return figures;
        }

        if (_keys.Count >= MaxKeys)
        {
            ForgetOldest();
        }

        return _keys.GetOrAdd(hash, _ => new KeyFigures(new(timeProvider), new(timeProvider, KeepRefusalFor)));
    }

    // Tokens that live for minutes, or an attacker's inventions: who asks again is asked about again.
    private void ForgetOldest()
    {
        foreach (var (hash, _) in _keys.OrderBy(entry => entry.Value.Key.LastWanted).Take(MaxKeys / 4))
        {
            _keys.TryRemove(hash, out _);
        }
    }

    private sealed record KeyFigures(SharedReading<ApiKeyStatus> Key, SharedReading<CreditBalance> Balance);
}
