namespace OpenRouter.Billing.Sandbox;

/// <summary>An account in the sandbox: its credits, keys, budgets and bills. Thread-safe; every figure is exact to the nano-dollar.</summary>
public sealed class SandboxAccount
{
    private readonly object _lock = new();
    private readonly OpenRouterSandboxOptions _options;
    private readonly KeyRing _ring;
    private readonly Admission _admission;
    private readonly PriorityQueue<Action<DateTimeOffset>, (DateTimeOffset Due, long Order)> _due = new();
    private readonly BudgetBook _budgets = new();
    private readonly List<SandboxKey> _keys = [];
    private readonly List<SandboxGeneration> _generations = [];
    private readonly List<SandboxActivity> _history = [];
    private long _purchased;
    private long _used;
    private long _lowest;
    private long _scheduled;
    private decimal _held;

    internal SandboxAccount(decimal initialCredits, (string? UserId, string? OrganizationId) owner, OpenRouterSandboxOptions options, KeyRing ring)
    {
        _options = options;
        _ring = ring;
        _admission = new Admission(this, options);
        UserId = owner.UserId ?? $"user_{Guid.NewGuid():N}";
        Workspaces = new WorkspaceBook(this);
        Guardrails = new GuardrailBook(this);
        OrganizationId = owner.OrganizationId;
        _purchased = NanoDollars.FromUsd(initialCredits);
        _lowest = _purchased;
    }

    /// <summary>Gets the id of the account's owner.</summary>
    public string UserId { get; }

    /// <summary>Gets the id of the organization that owns the account.</summary>
    /// <value><see langword="null"/> for a personal account.</value>
    public string? OrganizationId { get; }

    /// <summary>Gets the workspace of every key that names no other.</summary>
    public string DefaultWorkspaceId { get; } = Guid.NewGuid().ToString();

    /// <summary>Gets all credits ever purchased.</summary>
    /// <value>US dollars.</value>
    public decimal TotalCredits => Locked(_ => NanoDollars.ToUsd(_purchased));

    /// <summary>Gets all credits ever used.</summary>
    /// <value>US dollars.</value>
    public decimal TotalUsage => Locked(_ => NanoDollars.ToUsd(_used));

    /// <summary>Gets <see cref="TotalCredits"/> less <see cref="TotalUsage"/>.</summary>
    /// <value>US dollars, below zero after an overspend.</value>
    public decimal Balance => Locked(_ => NanoDollars.ToUsd(_purchased - _used));

    /// <summary>Gets the lowest balance that the account has ever had.</summary>
    /// <value>US dollars; below zero when requests have spent more than there was.</value>
    public decimal LowestBalance => Locked(_ => NanoDollars.ToUsd(_lowest));

    /// <summary>Gets how many requests to <c>:free</c> models were made this UTC day.</summary>
    /// <value>Requests, refused ones included.</value>
    public int FreeRequestsToday => Locked(now => FreeRequests.Used(now, TimeSpan.Zero));

    /// <summary>Gets every answered request, oldest first.</summary>
    public IReadOnlyList<SandboxGeneration> Generations => Locked(_ => _generations.ToArray());

    /// <summary>Gets the account's keys, management keys included, oldest first.</summary>
    public IReadOnlyList<SandboxKey> Keys => Locked(_ => _keys.ToArray());

    internal FreeRequestCounter FreeRequests { get; } = new();

    internal WorkspaceBook Workspaces { get; }

    internal GuardrailBook Guardrails { get; }

    internal List<SandboxCredential> Credentials { get; } = [];

    internal DatasetCalls DatasetCalls { get; } = new();

    internal DateTimeOffset Now => _options.TimeProvider.GetUtcNow();

    internal decimal Held => _held;

    /// <summary>Adds a purchase that counts at once.</summary>
    /// <param name="usd">US dollars.</param>
    public void AddCredits(decimal usd)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(usd);
        Locked(_ => _purchased += NanoDollars.FromUsd(usd));
    }

    /// <summary>Adds a purchase that is paid now but counts later, as card payments do.</summary>
    /// <param name="usd">US dollars.</param>
    /// <param name="after">How long until it counts, by the sandbox's clock.</param>
    public void PostCredits(decimal usd, TimeSpan after)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(usd);
        Locked(now => Schedule(now + after, _ => _purchased += NanoDollars.FromUsd(usd)));
    }

    /// <summary>Books a charge that no request of this sandbox caused, as if another program had spent it. No limit is checked.</summary>
    /// <param name="usd">US dollars.</param>
    /// <param name="key">The key that spent it, with its member and workspace; <see langword="null"/> (the default) charges the account alone.</param>
    /// <exception cref="ArgumentException">The amount is negative, or the key belongs to another account.</exception>
    public void Charge(decimal usd, SandboxKey? key = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(usd);
        if (key is not null && key.Account != this)
        {
            throw new ArgumentException("The key belongs to another account.", nameof(key));
        }

        Locked(now => Book(NanoDollars.FromUsd(usd), key, now));
    }

    /// <summary>Sets how many requests to <c>:free</c> models were made this UTC day.</summary>
    /// <param name="requests">Requests; the limit is 50, or 1000 once the account has purchased 9 US dollars.</param>
    public void SetFreeRequestsToday(int requests)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(requests);
        Locked(now => FreeRequests.Set(requests, now));
    }

    /// <summary>Makes a key.</summary>
    /// <param name="options">What it may do; <see langword="null"/> (the default) for an ordinary key without limits.</param>
    /// <exception cref="ArgumentException">A reset interval or budget scope is unknown, or the secret is already in use.</exception>
    public SandboxKey CreateKey(SandboxKeyOptions? options = null)
    {
        SandboxKey key = new(this, options ?? new SandboxKeyOptions());
        _ring.Add(key);
        Locked(_ => _keys.Add(key));
        return key;
    }

    /// <summary>Adds a budget that binds every key of the account, or those of its member or workspace.</summary>
    /// <param name="budget">The budget; what was spent before in its window counts.</param>
    /// <exception cref="ArgumentException">The scope or reset interval is unknown.</exception>
    public void AddBudget(SandboxBudget budget)
    {
        budget.Validate();
        Locked(_ => _budgets.Add(budget));
    }

    /// <summary>Adds a row of past activity to <c>GET /activity</c>. Credits and usage stay as they are.</summary>
    /// <param name="activity">The row; it shows while its day is one of the last 30 completed UTC days.</param>
    public void SeedActivity(SandboxActivity activity) => Locked(_ => _history.Add(activity));

    /// <summary>Adds a believable past to <c>GET /activity</c>: four models, weaker weekends, a slow rise, one bad day. Credits and usage stay as they are.</summary>
    /// <param name="dailyUsd">What a day costs about, in US dollars.</param>
    /// <param name="days">How many completed UTC days, up to yesterday.</param>
    public void SeedHistory(decimal dailyUsd, int days = 30)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dailyUsd);
        ArgumentOutOfRangeException.ThrowIfNegative(days);
        Locked(now => _history.AddRange(ScriptedHistory.Of(_options.Models, dailyUsd, days, DateOnly.FromDateTime(now.UtcDateTime))));
    }

    /// <summary>Deletes a key: requests with it are refused with 401 as unknown.</summary>
    internal void DeleteKey(SandboxKey key)
    {
        _ring.Remove(key);
        Locked(_ => _keys.Remove(key));
    }

    internal void RemoveBudget(SandboxBudget budget) => Locked(_ => _budgets.Remove(budget));

    /// <summary>Seeded rows and answered requests alike, by day.</summary>
    internal IReadOnlyList<SandboxActivity> ReadActivity() => Locked(_ => OwnedHistory().Concat(_generations.Select(SandboxActivity.Of)).ToArray());

    /// <summary>The same with the time of each answer.</summary>
    internal IReadOnlyList<MeteredUsage> ReadUsage() => Locked(_ => OwnedHistory().Select(MeteredUsage.Of).Concat(_generations.Select(MeteredUsage.Of)).ToArray());

    internal bool HasWorkspace(string id) => Locked(_ =>
        Workspaces.Find(id) is not null || _keys.Exists(key => key.WorkspaceId == id) || _history.Exists(row => row.WorkspaceId == id));

    internal SandboxGeneration? FindGeneration(string id) => Locked(_ => _generations.FindLast(generation => generation.Id == id));

    /// <summary>Runs under the account's lock, after everything that was due by now has been booked.</summary>
    internal T Locked<T>(Func<DateTimeOffset, T> action)
    {
        lock (_lock)
        {
            DateTimeOffset now = _options.TimeProvider.GetUtcNow();
            while (_due.TryPeek(out _, out (DateTimeOffset Due, long Order) next) && next.Due <= now)
            {
                _due.Dequeue()(next.Due);
            }

            return action(now);
        }
    }

    internal void Locked(Action<DateTimeOffset> action) => Locked<object?>(now =>
    {
        action(now);
        return null;
    });

    /// <summary>Checks the request and, with an in-flight budget, holds its estimate: both in one step, so that parallel requests cannot pass between them.</summary>
    internal Refusal? Admit(SandboxKey key, SandboxQuote quote) => Locked(now =>
    {
        Refusal? refusal = _admission.Check(key, quote, now);
        if (refusal is null && _options.InFlightShare is not null)
        {
            _held += _admission.HoldOf(quote);
        }

        return refusal is null ? null : refusal with { UserId = UserId };
    });

    /// <summary>Gives back the hold of a request that ended without an answer.</summary>
    internal void Release(SandboxQuote quote) => Locked(_ => Unhold(_admission.HoldOf(quote)));

    /// <summary>Bills an answer, now or after the booking delay.</summary>
    internal void Settle(SandboxGeneration generation) => Locked(now =>
    {
        _generations.Add(generation);
        Unhold(_admission.HoldOf(generation.Quote));
        if (_options.InFlightShare is not null && _options.InFlightSettling > TimeSpan.Zero)
        {
            _held += generation.Cost;
            Schedule(now + _options.InFlightSettling, _ => Unhold(generation.Cost));
        }

        long cost = NanoDollars.FromUsd(generation.Cost);
        if (_options.BookingDelay > TimeSpan.Zero)
        {
            Schedule(now + _options.BookingDelay, due => Book(cost, generation.Key, due));
        }
        else
        {
            Book(cost, generation.Key, now);
        }
    });

    internal IReadOnlyList<BudgetStanding> StandingsOf(SandboxKey key, DateTimeOffset now) => _budgets.StandingsOf(key, now);

    internal (int Used, int Limit) FreeRequestsShown(DateTimeOffset now) =>
        (FreeRequests.Used(now, _options.FreeCounterLag), _admission.FreeRequestsPerDay);

    private IEnumerable<SandboxActivity> OwnedHistory() =>
        _history.Select(row => row with { UserId = row.UserId ?? UserId, WorkspaceId = row.WorkspaceId ?? DefaultWorkspaceId });

    private void Book(long cost, SandboxKey? key, DateTimeOffset at)
    {
        _used += cost;
        _lowest = Math.Min(_lowest, _purchased - _used);
        if (key is not null)
        {
            key.LastUsedAt = at;
            _budgets.Book(key, cost, at);
        }
    }

    private void Schedule(DateTimeOffset due, Action<DateTimeOffset> action) => _due.Enqueue(action, (due, _scheduled++));

    private void Unhold(decimal hold)
    {
        if (_options.InFlightShare is not null)
        {
            _held -= hold;
        }
    }
}
