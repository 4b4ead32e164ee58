using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <summary>Decides what is new, once for all processes that share a state, and loses nothing when one of them ends.</summary>
/// <remarks>
/// What is new is noted as told and as pending in one write, delivered, and then struck off. Whoever ends in between leaves it
/// pending: when its claim is over, another process delivers it, under the same id.
/// </remarks>
internal sealed class AlertBook(ISharedState state, string stateName, string? account, TimeProvider timeProvider)
{
    /// <summary>How long a process has to deliver an alert before others take it for lost.</summary>
    public static readonly TimeSpan Claim = TimeSpan.FromMinutes(10);

    /// <summary>Of one look, more than this are summed up.</summary>
    public const int MostAtOnce = 5;

    private const int MostPending = 100;
    private const int MostTold = 5_000;
    private const int MostCollisions = 50;

    // Older news is none.
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromDays(7);
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromDays(60);
    private static readonly TimeSpan TouchAfter = TimeSpan.FromDays(20);

    /// <summary>Notes where all figures stand.</summary>
    /// <returns>What the caller is to deliver now.</returns>
    public ValueTask<IReadOnlyList<BillingAlert>> NoteAsync(IReadOnlyCollection<AlertCondition> conditions, IReadOnlyList<string> recipients, CancellationToken cancellationToken) =>
        ChangeAsync(
            (current, now) =>
            {
                var alerts = new List<BillingAlert>();
                foreach (var group in conditions.GroupBy(condition => condition.Group))
                {
                    if (Note(current, [.. group], now) is { } news)
                    {
                        alerts.Add(ToAlert(news.Notice, news.Rule + "|" + news.Window, recipients, now));
                    }
                }

                return Add(current, SumUp(alerts, now), now);
            },
            cancellationToken);

    /// <summary>Notes something that is to be told once.</summary>
    /// <returns>What the caller is to deliver now; empty when it was told before.</returns>
    public ValueTask<IReadOnlyList<BillingAlert>> NoteAsync(AlertNotice notice, IReadOnlyList<string> recipients, CancellationToken cancellationToken) =>
        ChangeAsync(
            (current, now) =>
            {
                var rule = "notice/" + notice.Once;
                return current.Told.TryAdd(rule, new Told(string.Empty, now)) ? Add(current, [ToAlert(notice, rule, recipients, now)], now) : [];
            },
            cancellationToken);

    /// <summary>Takes over what another process has not delivered in its time.</summary>
    public ValueTask<IReadOnlyList<BillingAlert>> TakeOverAsync(CancellationToken cancellationToken) =>
        ChangeAsync(
            (current, now) =>
            {
                current.Pending.RemoveAll(pending => now - pending.Alert.RaisedAt > GiveUpAfter);
                var taken = new List<BillingAlert>();
                for (var index = 0; index < current.Pending.Count; index++)
                {
                    // A claim that lasts for too long is of a clock that was ahead.
                    if (current.Pending[index] is var pending && (pending.ClaimedUntil <= now || pending.ClaimedUntil - now > Claim))
                    {
                        current.Pending[index] = pending with { ClaimedUntil = now + Claim };
                        taken.Add(pending.Alert);
                    }
                }

                return taken;
            },
            cancellationToken);

    /// <summary>Strikes off what every sink has taken or given up.</summary>
    public async ValueTask StrikeOffAsync(string alertId, CancellationToken cancellationToken) =>
        await ChangeAsync(
            (current, _) =>
            {
                current.Pending.RemoveAll(pending => pending.Alert.Id == alertId);
                return [];
            },
            cancellationToken).ConfigureAwait(false);

    /// <summary>Of the thresholds of one figure that are newly passed, the tightest is news; with it the others are known as well.</summary>
    private static AlertCondition? Note(AlertState current, IReadOnlyList<AlertCondition> group, DateTimeOffset now)
    {
        foreach (var back in group.Where(condition => condition.Window is null && condition.Standing == AlertStanding.Clear))
        {
            current.Told.Remove(back.Rule);
        }

        var passed = group.Where(condition => condition.Standing == AlertStanding.Passed).OrderByDescending(condition => condition.Tightness).ToList();
        var tightest = passed.FirstOrDefault();
        var isNews = tightest is not null && !IsTold(current, tightest);
        foreach (var condition in passed)
        {
            if (!IsTold(current, condition) || now - current.Told[condition.Rule].SeenAt > TouchAfter)
            {
                current.Told[condition.Rule] = new Told(condition.Window, now);
            }
        }

        return isNews ? tightest : null;
    }

    private static bool IsTold(AlertState current, AlertCondition condition) =>
        current.Told.TryGetValue(condition.Rule, out var told) && (condition.Window is null || told.Window == condition.Window);

    private static List<BillingAlert> Add(AlertState current, List<BillingAlert> alerts, DateTimeOffset now)
    {
        current.Pending.AddRange(alerts.Select(alert => new Pending(alert, now + Claim)));
        // A sink that takes nothing must not fill the database: the oldest have been tried the longest.
        if (current.Pending.Count > MostPending)
        {
            current.Pending.RemoveRange(0, current.Pending.Count - MostPending);
        }

        return alerts;
    }

    private List<BillingAlert> SumUp(List<BillingAlert> alerts, DateTimeOffset now)
    {
        if (alerts.Count <= MostAtOnce)
        {
            return alerts;
        }

        var worst = alerts.OrderByDescending(alert => alert.Severity).ToList();
        var rest = worst.Skip(MostAtOnce - 1).ToList();
        return
        [
            .. worst.Take(MostAtOnce - 1),
            new BillingAlert
            {
                Id = IdOf(string.Join(',', rest.Select(alert => alert.Id)), now),
                Kind = AlertKind.Several,
                Severity = rest[0].Severity,
                Message = $"{rest.Count} more: {string.Join(' ', rest.Take(10).Select(alert => alert.Message))}{(rest.Count > 10 ? " …" : string.Empty)}",
                RaisedAt = now,
                Recipients = rest.Any(alert => alert.Recipients.Count == 0) ? [] : [.. rest.SelectMany(alert => alert.Recipients).Distinct()],
                Account = account,
                Parts = rest,
            },
        ];
    }

    private BillingAlert ToAlert(AlertNotice notice, string rule, IReadOnlyList<string> recipients, DateTimeOffset now) => new()
    {
        Id = IdOf(rule, now),
        Kind = notice.Kind,
        Severity = notice.Severity,
        Message = notice.Message,
        Subject = notice.Subject,
        Value = notice.Value,
        Threshold = notice.Threshold,
        RaisedAt = now,
        Recipients = notice.Recipients.Count > 0 ? notice.Recipients : recipients,
        Account = account,
    };

    private string IdOf(string what, DateTimeOffset now) =>
        "alert_" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{stateName}|{what}|{now.UtcTicks}")), 0, 16);

    private async ValueTask<IReadOnlyList<BillingAlert>> ChangeAsync(Func<AlertState, DateTimeOffset, List<BillingAlert>> change, CancellationToken cancellationToken)
    {
        for (var collision = 0; collision < MostCollisions; collision++)
        {
            var shared = await state.ReadAsync(stateName, cancellationToken).ConfigureAwait(false);
            var current = Parse(shared?.Text);
            var now = timeProvider.GetUtcNow();
            var result = change(current, now);
            Forget(current, now);
            var text = JsonSerializer.Serialize(current, AlertJson.Default.AlertState);
            if (text == shared?.Text || await state.TryWriteAsync(stateName, text, shared?.Version ?? 0, cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                return result;
            }
        }

        throw new TimeoutException($"The state of alerts was changed by others {MostCollisions} times in a row.");
    }

    private static void Forget(AlertState current, DateTimeOffset now)
    {
        var over = current.Told.Where(told => now - told.Value.SeenAt > ForgetAfter).Select(told => told.Key).ToList();
        // Whoever raises ever more notices of its own must not fill the database either.
        var surplus = current.Told.OrderBy(told => told.Value.SeenAt).Take(Math.Max(0, current.Told.Count - MostTold)).Select(told => told.Key);
        foreach (var rule in over.Union([.. surplus]))
        {
            current.Told.Remove(rule);
        }
    }

    // What another version wrote and this one cannot read is begun anew: a thing told twice is better than one never told.
    private static AlertState Parse(string? text)
    {
        try
        {
            return text is not null && JsonSerializer.Deserialize(text, AlertJson.Default.AlertState) is { } state && IsWhole(state) ? state : new AlertState();
        }
        catch (JsonException)
        {
            return new AlertState();
        }
    }

    // JSON has null where no member of ours may be null.
    private static bool IsWhole(AlertState state) =>
        state is { Told: not null, Pending: not null } && state.Told.Values.All(told => told is not null)
        && state.Pending.All(pending => pending is { Alert: { Id: not null, Message: not null, Recipients: not null, Parts: not null } });
}
