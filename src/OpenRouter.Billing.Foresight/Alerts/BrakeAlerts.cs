using OpenRouter.Billing.Guard;
using static System.FormattableString;

namespace OpenRouter.Billing.Foresight;

/// <summary>Tells alerts of the runaway brake. A loop that goes on trips it again and again, and is told once per hour.</summary>
internal sealed class BrakeAlerts(Func<IBillingAlerts> alerts) : IBrakeObserver
{
    // What trips after somebody has taken the brake off is news in the same hour, too.
    private string _sinceReset = string.Empty;

    public async ValueTask TrippedAsync(BrakeTrip trip, CancellationToken cancellationToken = default) =>
        await alerts().RaiseAsync(
            new AlertNotice
            {
                Kind = AlertKind.Runaway,
                Severity = trip.Action == BrakeAction.Trip ? AlertSeverity.Urgent : AlertSeverity.Warning,
                Message = $"{Found(trip)} {Done(trip)}",
                Once = Invariant($"brake/{trip.Action}/{trip.Reason}/{trip.Per}/{trip.Name}/{trip.TrippedAt.UtcDateTime:yyyy-MM-dd'T'HH}{Volatile.Read(ref _sinceReset)}"),
                Subject = AlertRules.Plain(trip.Name),
                Value = trip.Used,
                Threshold = trip.Allowed,
            },
            cancellationToken).ConfigureAwait(false);

    public async ValueTask ResetAsync(IReadOnlyList<BrakeTrip> trips, CancellationToken cancellationToken = default)
    {
        var last = trips.Max(trip => trip.TrippedAt).UtcTicks;
        Volatile.Write(ref _sinceReset, Invariant($"/{last}"));
        await alerts().RaiseAsync(
            new AlertNotice
            {
                Kind = AlertKind.Runaway,
                Severity = AlertSeverity.Info,
                Message = $"The runaway brake was reset by hand. It was on for {string.Join(", ", trips.Take(AlertBook.MostAtOnce).Select(Whom))}{(trips.Count > AlertBook.MostAtOnce ? ", …" : string.Empty)}.",
                Once = Invariant($"brake/reset/{last}"),
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static string Found(BrakeTrip trip)
    {
        var window = Invariant($"within {trip.Window.TotalSeconds:0.###} s");
        return trip.Reason == BrakeReason.Repeats
            ? Invariant($"Requests run away: {Whom(trip)} sent the same one {trip.Used:0} times {window}, with {trip.Allowed:0} allowed.")
            : Invariant($"Spending runs away: {Whom(trip)} spent {AlertRules.Money(trip.Used)} {window}, with {AlertRules.Money(trip.Allowed)} allowed.");
    }

    private static string Done(BrakeTrip trip)
    {
        var until = Invariant($"{trip.HalfOpenAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        return trip.Action switch
        {
            BrakeAction.Trip => $"Requests are refused until {until} at least.",
            BrakeAction.SlowDown => $"Each request waits, until {until} at least.",
            _ => "Nothing is held back.",
        };
    }

    private static string Whom(BrakeTrip trip) => AlertRules.Plain(trip.Name) is { } name ? $"{trip.Per} '{name}'" : $"{trip.Per}";
}
