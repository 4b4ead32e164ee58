using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

/// <summary>Plays a random walk of a balance and of a daily quota through processes that share a state and end at bad moments.</summary>
internal sealed class AlertWalk
{
    private static readonly decimal[] Thresholds = [20m, 10m, 5m];
    private static readonly decimal[] Percents = [80m, 100m];

    private readonly ManualTimeProvider _clock = new(AlertWorld.Noon);
    private readonly ISharedState _state;
    private readonly List<(BillingAlert Alert, int Process)> _delivered = [];
    private readonly Dictionary<string, DateTimeOffset> _episodes = [];
    private readonly List<(string Rule, decimal Tightness, DateTimeOffset From)> _passed = [];
    private int _crashes;

    private AlertWalk(Func<TimeProvider, ISharedState> createState) => _state = createState(_clock);

    /// <summary>Plays a walk, and says what of it broke the promise; null when nothing did.</summary>
    public static string? FaultOf(int[] steps, Func<TimeProvider, ISharedState> createState)
    {
        var walk = new AlertWalk(createState);
        foreach (var step in steps)
        {
            walk.Play((int)((uint)step % 100_000));
        }

        // Whatever is still on its way arrives once somebody looks after the claims are over.
        walk.TakeOver();
        walk.TakeOver();
        return walk.Fault();
    }

    private void Play(int step)
    {
        var (balance, used, ending) = (step % 32 * 1m, step / 32 % 12 * 10m, step / 384 % 6);
        _clock.Advance(TimeSpan.FromMinutes(step % 7 == 0 ? 700 : 5));
        var conditions = Balance(balance).Concat(Quota(used)).ToList();
        // Any process may look: all that they know is in the state.
        var book = AlertWorld.Book(_state, _clock);
        Deliver(book, Run(book.TakeOverAsync(default)), ending);
        Deliver(book, Run(book.NoteAsync(conditions, [], default)), ending);
        Remember(conditions);
    }

    private void TakeOver()
    {
        _clock.Advance(AlertBook.Claim + TimeSpan.FromSeconds(1));
        var book = AlertWorld.Book(_state, _clock);
        Deliver(book, Run(book.TakeOverAsync(default)), ending: 0);
    }

    private void Deliver(AlertBook book, IReadOnlyList<BillingAlert> alerts, int ending)
    {
        foreach (var alert in alerts)
        {
            // 4: the process ends before it has told anybody; 5: right after.
            if (ending == 4)
            {
                _crashes++;
                continue;
            }

            _delivered.Add((alert, ending));
            if (ending == 5)
            {
                _crashes++;
                continue;
            }

            Run(book.StrikeOffAsync(alert.Id, default));
        }
    }

    private static IEnumerable<AlertCondition> Balance(decimal balance) => Thresholds.Select(at => Condition(
        "balance", at, null, balance < at ? AlertStanding.Passed : balance >= at * 1.1m ? AlertStanding.Clear : AlertStanding.Near, -at));

    private IEnumerable<AlertCondition> Quota(decimal percent) => Percents.Select(at => Condition(
        "quota", at, DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime).ToString("O", System.Globalization.CultureInfo.InvariantCulture), percent >= at ? AlertStanding.Passed : AlertStanding.Clear, at));

    private static AlertCondition Condition(string group, decimal at, string? window, AlertStanding standing, decimal tightness) =>
        new(group, $"{group}/{at}", window, standing, tightness, new AlertNotice { Kind = AlertKind.Custom, Severity = AlertSeverity.Info, Message = $"{group}/{at}", Once = "", Threshold = at });

    // What a plain reading of the promise says: an episode per threshold lasts until the figure has come back, or until its window ends.
    private void Remember(IEnumerable<AlertCondition> conditions)
    {
        foreach (var condition in conditions)
        {
            var episode = condition.Rule + "@" + condition.Window;
            if (condition.Window is null && condition.Standing == AlertStanding.Clear)
            {
                _episodes.Remove(episode);
            }
            else if (condition.Standing == AlertStanding.Passed && _episodes.TryAdd(episode, _clock.GetUtcNow()))
            {
                _passed.Add((condition.Rule, condition.Tightness, _clock.GetUtcNow()));
            }
        }
    }

    private string? Fault()
    {
        var alerts = _delivered.Select(delivery => delivery.Alert).DistinctBy(alert => alert.Id).ToList();
        if (_delivered.Count - alerts.Count > _crashes)
        {
            return $"{_delivered.Count - alerts.Count} deliveries were repeated after {_crashes} crashes.";
        }

        foreach (var alert in alerts)
        {
            if (!_passed.Any(passed => passed.Rule == alert.Message && passed.From == alert.RaisedAt))
            {
                return $"{alert.Message} was told at {alert.RaisedAt:O}, when it was not newly passed.";
            }
        }

        if (alerts.GroupBy(alert => (alert.Message, alert.RaisedAt)).FirstOrDefault(group => group.Count() > 1) is { } twins)
        {
            return $"{twins.Key} was told twice.";
        }

        foreach (var (rule, tightness, from) in _passed)
        {
            var group = rule.Split('/')[0];
            if (!alerts.Any(alert => alert.RaisedAt == from && alert.Message.StartsWith(group, StringComparison.Ordinal) && TightnessOf(alert) >= tightness))
            {
                return $"{rule} was passed at {from:O}, and nobody was told.";
            }
        }

        return null;
    }

    private static decimal TightnessOf(BillingAlert alert) => alert.Message.StartsWith("balance", StringComparison.Ordinal) ? -alert.Threshold!.Value : alert.Threshold!.Value;

    private static IReadOnlyList<BillingAlert> Run(ValueTask<IReadOnlyList<BillingAlert>> task) => task.AsTask().GetAwaiter().GetResult();

    private static void Run(ValueTask task) => task.AsTask().GetAwaiter().GetResult();
}
