using System.Collections.Concurrent;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>The figures of the account and of each key that requests carry. Keys are kept as hashes only.</summary>
/// <remarks>
/// With a management key there is one wallet, the one that this key reads. Without one every request's key asks for the
/// balance itself, and may be told another one, or none: so those balances are never mixed.
/// </remarks>
/// <param name="reader">Asks.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="learningOptions">Within which bounds the lag of the figures is learned; null for not at all.</param>
/// <param name="meter">Counts the questions; null for nobody.</param>
internal sealed class AccountSnapshots(AccountReader reader, TimeProvider timeProvider, Func<OpenRouterBillingOptions>? learningOptions = null, GuardMeter? meter = null)
{
    private const int MaxKeys = 1024;

    // A key that may not read the balance will hardly be allowed to a minute later.
    private static readonly TimeSpan KeepRefusalFor = TimeSpan.FromHours(1);

    // Nobody asked, and nobody needs to.
    private static readonly Reading<CreditBalance> NoBalance = Reading<CreditBalance>.NotPermitted(default);

    private readonly object _gate = new();
    private readonly ConcurrentDictionary<string, KeyFigures> _keys = new(StringComparer.Ordinal);
    private volatile Wallet? _wallet;

    /// <summary>Gets the figures when all are so young that nobody need ask; null otherwise.</summary>
    public AccountSnapshot? GetFresh(string apiKey, OpenRouterBillingOptions options, Freshness freshness, Instant now)
    {
        var hash = options.HashOf(apiKey);
        var figures = FiguresOf(hash);
        var balance = options.Guard.PaysByInvoice ? NoBalance : BalanceOf(figures, options).GetFresh(freshness, now);
        var key = figures.Key.GetFresh(freshness, now);
        return balance is null || key is null ? null : Assemble(hash, options, balance, key, figures);
    }

    /// <summary>Gets the figures, at most as old as asked for; waits only where there are none such.</summary>
    public async ValueTask<AccountSnapshot> GetAsync(string apiKey, OpenRouterBillingOptions options, Freshness freshness, CancellationToken cancellationToken)
    {
        var hash = options.HashOf(apiKey);
        var figures = FiguresOf(hash);
        // Both questions are started before either is waited for.
        var balanceTask = options.Guard.PaysByInvoice ? ValueTask.FromResult(NoBalance)
            : BalanceOf(figures, options).GetAsync(() => AskBalanceAsync(apiKey, figures), freshness, cancellationToken);
        var keyTask = figures.Key.GetAsync(() => AskKeyAsync(apiKey, figures), freshness, cancellationToken);
        var balance = await balanceTask.ConfigureAwait(false);
        var key = await keyTask.ConfigureAwait(false);
        return Assemble(hash, options, balance, key, figures);
    }

    /// <summary>Gets what is known now, without asking.</summary>
    public AccountSnapshot Peek(string apiKey, OpenRouterBillingOptions options)
    {
        var hash = options.HashOf(apiKey);
        var figures = FiguresOf(hash);
        var balance = options.Guard.PaysByInvoice ? NoBalance : BalanceOf(figures, options).Peek();
        return Assemble(hash, options, balance, figures.Key.Peek(), figures);
    }

    /// <summary>Starts to read in the background what is older than asked for.</summary>
    public void Refresh(string apiKey, OpenRouterBillingOptions options, Freshness freshness) =>
        _ = GetAsync(apiKey, options, freshness, CancellationToken.None).AsTask();

    /// <summary>Gets figures that are new enough to decide on close to a limit; one that cannot be had stays as it was.</summary>
    public async ValueTask<AccountSnapshot> RenewAsync(string apiKey, OpenRouterBillingOptions options, AccountSnapshot old, Freshness freshness, CancellationToken cancellationToken)
    {
        var renewed = await GetAsync(apiKey, options, freshness, cancellationToken).ConfigureAwait(false);
        return Assemble(
            old.KeyHash,
            options,
            renewed.Balance.State == ReadingState.Unavailable ? old.Balance : renewed.Balance,
            renewed.Key.State == ReadingState.Unavailable ? old.Key : renewed.Key,
            FiguresOf(old.KeyHash));
    }

    private SharedReading<CreditBalance> BalanceOf(KeyFigures figures, OpenRouterBillingOptions options) => WalletOf(options)?.Balance ?? figures.Balance;

    // Another management key may read another account: what the last one read says nothing about it.
    private Wallet? WalletOf(OpenRouterBillingOptions options)
    {
        if (options.ManagementKey is not { } managementKey)
        {
            return null;
        }

        var hash = options.HashOf(managementKey);
        if (_wallet is { } wallet && wallet.ManagementHash == hash)
        {
            return wallet;
        }

        lock (_gate)
        {
            return _wallet is { } other && other.ManagementHash == hash ? other
                : _wallet = new Wallet(hash, new(timeProvider, KeepRefusalFor, meter?.Reading(GuardMeter.Balance)), new(timeProvider));
        }
    }

    private async Task<Reading<CreditBalance>> AskBalanceAsync(string apiKey, KeyFigures figures)
    {
        var reading = await reader.ReadBalanceAsync(apiKey).ConfigureAwait(false);
        if (reading.Value is { } credits && learningOptions?.Invoke() is { } options)
        {
            (WalletOf(options)?.BalanceLag ?? figures.BalanceLag).Read(credits.TotalUsage, reading.AskedAt, options.Guard);
        }

        return reading;
    }

    private async Task<Reading<ApiKeyStatus>> AskKeyAsync(string apiKey, KeyFigures figures)
    {
        var reading = await reader.ReadKeyAsync(apiKey).ConfigureAwait(false);
        if (reading.Value?.Usage.Total is { } usage && learningOptions?.Invoke() is { } options)
        {
            figures.KeyLag.Read(usage, reading.AskedAt, options.Guard);
        }

        return reading;
    }

    // The same figures make the same snapshot, for as many requests as come meanwhile.
    private AccountSnapshot Assemble(string hash, OpenRouterBillingOptions options, Reading<CreditBalance> balance, Reading<ApiKeyStatus> key, KeyFigures figures)
    {
        var wallet = WalletOf(options);
        var managementHash = wallet?.ManagementHash;
        if (figures.Last is { } last && ReferenceEquals(last.Balance, balance) && ReferenceEquals(last.Key, key) && last.ManagementHash == managementHash)
        {
            return last.Snapshot;
        }

        var account = managementHash is not null ? "management/" + managementHash : key.Value?.OrganizationId ?? key.Value?.CreatorUserId ?? hash;
        var snapshot = new AccountSnapshot(account, hash, ProvedFalse(balance, key.Value) ? balance.AsNotPermitted() : balance, key)
        {
            BalanceLag = wallet?.BalanceLag ?? figures.BalanceLag,
            KeyLag = figures.KeyLag,
        };
        figures.Last = new Assembled(managementHash, balance, key, snapshot);
        return snapshot;
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

        return _keys.GetOrAdd(hash, _ => new KeyFigures(
            new(timeProvider, told: meter?.Reading(GuardMeter.Key)),
            new(timeProvider, KeepRefusalFor, meter?.Reading(GuardMeter.Balance)),
            new(timeProvider),
            new(timeProvider)));
    }

    // Tokens that live for minutes, or an attacker's inventions: who asks again is asked about again.
    private void ForgetOldest()
    {
        foreach (var (hash, _) in _keys.OrderBy(entry => entry.Value.Key.LastWanted).Take(MaxKeys / 4))
        {
            _keys.TryRemove(hash, out _);
        }
    }

    private sealed record KeyFigures(SharedReading<ApiKeyStatus> Key, SharedReading<CreditBalance> Balance, LearnedLag KeyLag, LearnedLag BalanceLag)
    {
        public Assembled? Last { get; set; }
    }

    private sealed record Wallet(string ManagementHash, SharedReading<CreditBalance> Balance, LearnedLag BalanceLag);

    private sealed record Assembled(string? ManagementHash, Reading<CreditBalance> Balance, Reading<ApiKeyStatus> Key, AccountSnapshot Snapshot);
}
