using System.Collections.Concurrent;
using OpenRouter.Billing.Telemetry;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>The figures of the account and of each key that requests carry. Keys are kept as hashes only.</summary>
/// <remarks>
/// With a management key there is one wallet, the one that this key reads. Without one every request's key asks for the
/// balance itself, and may be told another one, or none: so those balances are never mixed.
/// </remarks>
/// <param name="reader">Asks.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="learnsLag">Whether the lag of the figures is learned.</param>
/// <param name="meter">Counts the questions; null for nobody.</param>
/// <param name="fleet">What is shared with the other processes that ask; null when there are none.</param>
internal sealed class AccountSnapshots(AccountReader reader, TimeProvider timeProvider, bool learnsLag = false, GuardMeter? meter = null, BoundedState? fleet = null)
{
    private const int MaxKeys = 1024;

    // With the number of their format, so that versions of this library which write another one do not write over each other.
    private const string SharedNames = "figures/1";

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
            : BalanceOf(figures, options).GetAsync(() => AskBalanceAsync(apiKey, options, figures, freshness), freshness, cancellationToken);
        var keyTask = figures.Key.GetAsync(() => AskKeyAsync(apiKey, options, hash, figures, freshness), freshness, cancellationToken);
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
                : _wallet = new Wallet(hash, new(timeProvider, KeepRefusalFor, meter?.Reading(GuardMeter.Balance)), new(timeProvider), FleetBalance(fleet, timeProvider));
        }
    }

    private async Task<Reading<CreditBalance>> AskBalanceAsync(string apiKey, OpenRouterBillingOptions options, KeyFigures figures, Freshness freshness)
    {
        var wallet = WalletOf(options);
        // The same key may be told zeros in one role and the truth in the other.
        var (shared, name) = wallet is not null
            ? (wallet.FleetBalance, $"{SharedNames}/balance/management/{wallet.ManagementHash}")
            : (figures.FleetBalance, $"{SharedNames}/balance/key/{options.HashOf(apiKey)}");
        var reading = await (shared?.GetAsync(name, () => reader.ReadBalanceAsync(apiKey, options), freshness) ?? reader.ReadBalanceAsync(apiKey, options)).ConfigureAwait(false);
        if (learnsLag && reading is { Value: { } credits, IsBorrowed: false })
        {
            (wallet?.BalanceLag ?? figures.BalanceLag).Read(credits.TotalUsage, reading.AskedAt, options.Guard);
        }

        return reading;
    }

    private async Task<Reading<ApiKeyStatus>> AskKeyAsync(string apiKey, OpenRouterBillingOptions options, string hash, KeyFigures figures, Freshness freshness)
    {
        var reading = await (figures.FleetKey?.GetAsync($"{SharedNames}/key/{hash}", () => reader.ReadKeyAsync(apiKey, options), freshness) ?? reader.ReadKeyAsync(apiKey, options)).ConfigureAwait(false);
        if (learnsLag && reading is { Value.Usage.Total: { } usage, IsBorrowed: false })
        {
            figures.KeyLag.Read(usage, reading.AskedAt, options.Guard);
        }

        return reading;
    }

    private static FleetReading<CreditBalance>? FleetBalance(BoundedState? fleet, TimeProvider timeProvider) => fleet is null ? null : new(
        fleet,
        timeProvider,
        (credits, payload) => payload with { Balance = new CreditsPayload.Sums(credits.TotalCredits, credits.TotalUsage) },
        payload => new CreditsPayload(payload.Balance) is var credits && credits.FindMissing() is null ? credits.ToCreditBalance() : null,
        KeepRefusalFor);

    private static FleetReading<ApiKeyStatus>? FleetKey(BoundedState? fleet, TimeProvider timeProvider) => fleet is null ? null : new(
        fleet,
        timeProvider,
        (status, payload) => payload with { Key = CurrentKeyPayload.From(status) },
        payload => payload.Key is null ? null : new CurrentKeyPayload { Data = payload.Key }.ToApiKeyStatus());

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
            new(timeProvider),
            FleetKey(fleet, timeProvider),
            FleetBalance(fleet, timeProvider)));
    }

    // Tokens that live for minutes, or an attacker's inventions: who asks again is asked about again.
    private void ForgetOldest()
    {
        foreach (var (hash, _) in _keys.OrderBy(entry => entry.Value.Key.LastWanted).Take(MaxKeys / 4))
        {
            _keys.TryRemove(hash, out _);
        }
    }

    private sealed record KeyFigures(
        SharedReading<ApiKeyStatus> Key,
        SharedReading<CreditBalance> Balance,
        LearnedLag KeyLag,
        LearnedLag BalanceLag,
        FleetReading<ApiKeyStatus>? FleetKey,
        FleetReading<CreditBalance>? FleetBalance)
    {
        public Assembled? Last { get; set; }
    }

    private sealed record Wallet(string ManagementHash, SharedReading<CreditBalance> Balance, LearnedLag BalanceLag, FleetReading<CreditBalance>? FleetBalance);

    private sealed record Assembled(string? ManagementHash, Reading<CreditBalance> Balance, Reading<ApiKeyStatus> Key, AccountSnapshot Snapshot);
}
