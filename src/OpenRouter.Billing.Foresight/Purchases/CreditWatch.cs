using System.Runtime.CompilerServices;

namespace OpenRouter.Billing.Foresight;

/// <summary>Looks at the account, ever more rarely, until credits that were paid for are there or are given up.</summary>
internal sealed class CreditWatch(ICreditsClient credits, PurchaseOptions options, TimeProvider timeProvider)
{
    // Sums of doubles on the other side: a cent is the least that anybody buys.
    private const decimal Tolerance = 0.01m;
    private const decimal Backoff = 1.5m;

    public async IAsyncEnumerable<CreditArrival> WatchAsync(ExpectedCredits expected, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var paidAt = expected.PaidAt?.ToUniversalTime() ?? timeProvider.GetUtcNow();
        // How long ago it was paid is told by the wall clock; how long is waited from here on, by the steady one.
        var started = timeProvider.GetTimestamp();
        var waitedBefore = Max(TimeSpan.Zero, timeProvider.GetUtcNow() - paidAt);
        decimal? before = expected.CreditsBefore;
        decimal? now = null;
        var (looks, failed) = (0, 0);
        for (var pause = options.FirstPause; ; pause = Min(options.LongestPause, new TimeSpan((long)(pause.Ticks * Backoff))))
        {
            looks++;
            TimeSpan? wish = null;
            try
            {
                now = (await credits.GetAsync(cancellationToken).ConfigureAwait(false)).TotalCredits;
                // What is taken back meanwhile, a refund of another purchase for example, must not hide what arrives.
                before = Math.Min(before ?? now.Value, now.Value);
            }
            catch (OpenRouterBillingException fault) when (before is not null && MayPass(fault))
            {
                failed++;
                wish = (fault as OpenRouterApiException)?.RetryAfter;
            }

            var waited = waitedBefore + timeProvider.GetElapsedTime(started);
            var arrived = Math.Max(0, now - before ?? 0);
            var stage = Stage(arrived, expected.Credits, waited);
            // The last look comes when the wait ends, and not a pause later.
            var wait = Max(TimeSpan.FromTicks(1), Min(Max(pause, wish ?? TimeSpan.Zero), options.LongestArrival - waited));
            var look = new CreditArrival
            {
                Stage = stage,
                Expected = expected.Credits,
                Arrived = arrived,
                CreditsBefore = before!.Value,
                CreditsNow = now,
                PaidAt = paidAt,
                At = timeProvider.GetUtcNow(),
                Looks = looks,
                FailedLooks = failed,
                Reference = expected.Reference,
                Advice = Advice(stage, now is null),
            };
            if (look.IsOver)
            {
                yield return look;
                yield break;
            }

            yield return look with { NextLookAt = look.At + wait };
            await Task.Delay(wait, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    // A key that may not look never will.
    private static bool MayPass(OpenRouterBillingException fault) =>
        fault is OpenRouterConnectionException or OpenRouterApiException { StatusCode: not (System.Net.HttpStatusCode.Unauthorized or System.Net.HttpStatusCode.Forbidden) };

    private CreditArrivalStage Stage(decimal arrived, decimal expected, TimeSpan waited) =>
        arrived >= expected - Math.Min(Tolerance, expected / 2) ? CreditArrivalStage.Arrived
        : waited >= options.LongestArrival ? (arrived > 0 ? CreditArrivalStage.Partly : CreditArrivalStage.Late)
        : waited >= options.TicketAfter ? CreditArrivalStage.TicketAdvised
        : waited >= options.UsualArrival ? CreditArrivalStage.Slow
        : CreditArrivalStage.Waiting;

    private static string Advice(CreditArrivalStage stage, bool isBlind) => stage switch
    {
        CreditArrivalStage.Arrived => "Nothing is left to do.",
        CreditArrivalStage.Waiting => "Wait: credits usually take some minutes.",
        CreditArrivalStage.Slow => "Look whether the card was charged and a receipt came: a payment that was declined brings no credits.",
        CreditArrivalStage.TicketAdvised => "Write a support ticket with the facts of ToTicket, and check that the right account or organization was paid for.",
        _ when isBlind => "The account could not be read once: look at the credits page before you write a support ticket.",
        CreditArrivalStage.Partly => "Write a support ticket with the facts of ToTicket: only a part has arrived.",
        _ => "Write a support ticket with the facts of ToTicket: nothing has arrived.",
    };

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
