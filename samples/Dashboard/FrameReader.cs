using OpenRouter.Billing;
using OpenRouter.Billing.Foresight;

namespace Dashboard;

/// <summary>Reads what a frame shows, and remembers what came before it.</summary>
internal sealed class FrameReader(IWatchedAccount watched)
{
    private const int TrendLength = 60;
    private const int AlertsShown = 8;
    private const int ModelsShown = 5;

    private readonly List<decimal> _trend = [];
    private readonly List<(DateTimeOffset At, string Text)> _alerts = [];
    private IReadOnlyList<(string Model, decimal Cost)> _models = [];
    private DateOnly _modelsOf;
    private int _frames;

    public async Task<Frame> ReadAsync(IReadOnlyList<string> happened, CancellationToken cancellationToken)
    {
        var account = watched.Account;
        var balance = await account.Forecaster.ForecastAsync(cancellationToken);
        var limits = await account.Forecaster.ForecastLimitsAsync(cancellationToken);
        var key = await account.Billing.Keys.GetCurrentAsync(cancellationToken);
        var now = account.Clock.GetUtcNow();
        await ReadModelsAsync(account, DateOnly.FromDateTime(now.UtcDateTime), cancellationToken);
        var told = await account.Alerts.CheckAsync(cancellationToken);
        Note(now, balance, [.. happened, .. told.Select(alert => $"{alert.Severity}: {alert.Message}")]);
        _frames++;
        return new Frame
        {
            Title = watched.Title,
            At = now,
            Balance = balance,
            Limits = limits,
            Reload = ReloadAdvisor.Advise(balance),
            Free = key.FreeModelDailyRequests,
            Models = _models,
            Trend = [.. _trend],
            Alerts = [.. _alerts],
            Progress = watched.Frames is { } frames ? Math.Min(1m, _frames / (decimal)frames) : null,
        };
    }

    // Activity has completed days only, so that once a day is enough.
    private async Task ReadModelsAsync(Account account, DateOnly today, CancellationToken cancellationToken)
    {
        if (today == _modelsOf)
        {
            return;
        }

        try
        {
            _modelsOf = today;
            var activity = await account.Billing.Activity.ListAsync(cancellationToken: cancellationToken);
            _models =
            [
                .. activity.GroupBy(entry => entry.Model ?? "(unknown)").Select(model => (model.Key, Cost: model.Sum(entry => entry.Cost) ?? 0))
                    .Where(model => model.Cost > 0).OrderByDescending(model => model.Cost).Take(ModelsShown),
            ];
        }
        catch (CredentialMissingException)
        {
            // Without a management key nobody tells; the frame says so.
            _models = [];
        }
    }

    private void Note(DateTimeOffset now, Forecast balance, IReadOnlyList<string> happened)
    {
        _alerts.AddRange(happened.Select(text => (now, text)));
        if (balance.Remaining is { } remaining)
        {
            _trend.Add(remaining);
        }

        _trend.RemoveRange(0, Math.Max(0, _trend.Count - TrendLength));
        _alerts.RemoveRange(0, Math.Max(0, _alerts.Count - AlertsShown));
    }
}
