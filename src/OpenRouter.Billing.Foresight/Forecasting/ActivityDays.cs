namespace OpenRouter.Billing.Foresight;

/// <summary>The days of OpenRouter's activity, asked for at most once an hour however many want them. Safe for concurrent use.</summary>
internal sealed class ActivityDays(TimeProvider timeProvider) : IDisposable
{
    private const int MostKept = 64;

    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    // How long after midnight the day that has just ended may still be missing from the activity.
    private static readonly TimeSpan BookingTime = TimeSpan.FromHours(3);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<(string? ApiKeyHash, bool WithByok), Kept> _kept = [];

    /// <summary>Reads the completed days of the account, or of one key.</summary>
    public async Task<IReadOnlyList<DailySpend>> ReadAsync(IOpenRouterBillingClient client, string? apiKeyHash, bool withByok, CancellationToken cancellationToken) =>
        (await GetAsync(client, (apiKeyHash, withByok), cancellationToken).ConfigureAwait(false)).Days;

    /// <summary>Reads which models the account has used in the completed days.</summary>
    public async Task<IReadOnlyList<string>> ReadModelsAsync(IOpenRouterBillingClient client, CancellationToken cancellationToken) =>
        (await GetAsync(client, (null, false), cancellationToken).ConfigureAwait(false)).Models;

    public void Dispose() => _turn.Dispose();

    private async Task<Kept> GetAsync(IOpenRouterBillingClient client, (string? ApiKeyHash, bool WithByok) which, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var now = timeProvider.GetUtcNow();
            if (_kept.TryGetValue(which, out var kept) && IsFresh(kept, now))
            {
                return kept;
            }

            var rows = await client.Activity.ListAsync(new ActivityQuery { ApiKeyHash = which.ApiKeyHash }, cancellationToken).ConfigureAwait(false);
            kept = new Kept(DaysOf(rows, which.WithByok, now), [.. rows.Select(row => row.Model).OfType<string>().Distinct()], now);
            Keep(which, kept);
            return kept;
        }
        finally
        {
            _turn.Release();
        }
    }

    private static List<DailySpend> DaysOf(IReadOnlyList<ActivityEntry> rows, bool withByok, DateTimeOffset now)
    {
        var days = rows.GroupBy(row => row.Date)
            .Select(day => new DailySpend(day.Key, Math.Max(0, day.Sum(row => (row.Cost ?? 0) + (withByok ? row.ByokCost ?? 0 : 0)))))
            .OrderBy(day => day.Day)
            .ToList();
        // A day without spending has no row. That the last one has none may also mean that it is not booked yet.
        var last = DateOnly.FromDateTime(now.UtcDateTime).AddDays(now.TimeOfDay < BookingTime ? -2 : -1);
        if (days.Count > 0 && days[^1].Day < last)
        {
            days.Add(new DailySpend(last, 0));
        }

        return days;
    }

    private static bool IsFresh(Kept kept, DateTimeOffset now) => now - kept.At is var age && age >= TimeSpan.Zero && age < KeptFor && kept.At.UtcDateTime.Date == now.UtcDateTime.Date;

    private void Keep((string?, bool) which, Kept kept)
    {
        if (_kept.Count >= MostKept)
        {
            _kept.Clear();
        }

        _kept[which] = kept;
    }

    private sealed record Kept(IReadOnlyList<DailySpend> Days, IReadOnlyList<string> Models, DateTimeOffset At);
}
