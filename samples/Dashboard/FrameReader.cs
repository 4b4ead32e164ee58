using System.Globalization;
using OpenRouter.Billing;
using OpenRouter.Billing.Foresight;

namespace Dashboard;

/// <summary>Reads what a frame shows, and remembers what came before it.</summary>
internal sealed class FrameReader(IWatchedAccount watched)
{
    private const int TrendLength = 60;
    private const int AlertsShown = 8;
    private const int ModelsShown = 5;

    // Several thresholds, each told once when it is crossed.
    private static readonly decimal[] Thresholds = [10m, 5m, 2m];

    private readonly List<decimal> _trend = [];
    private readonly List<(DateTimeOffset At, string Text)> _alerts = [];
    private readonly HashSet<decimal> _crossed = [];
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
        Note(now, balance, happened);
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
            foreach (var threshold in Thresholds)
            {
                if (remaining > threshold)
                {
                    _crossed.Remove(threshold);
                }
                else if (_crossed.Add(threshold))
                {
                    _alerts.Add((now, string.Create(CultureInfo.InvariantCulture, $"The balance is below {threshold:0.00} USD: {remaining:0.00} USD.")));
                }
            }
        }

        _trend.RemoveRange(0, Math.Max(0, _trend.Count - TrendLength));
        _alerts.RemoveRange(0, Math.Max(0, _alerts.Count - AlertsShown));
    }
}
