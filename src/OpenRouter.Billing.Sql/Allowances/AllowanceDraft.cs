using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>An allowance that is being asked for.</summary>
/// <param name="Request">What the shared ledger is asked.</param>
/// <param name="Amounts">How much of each unit.</param>
/// <param name="Extra">How much of that is for requests to come.</param>
/// <param name="AskedAt">When, by the steady clock, before the ledger is asked.</param>
internal sealed record AllowanceDraft(LedgerRequest Request, Units Amounts, Units Extra, long AskedAt)
{
    /// <summary>Of what is free on a limit, an allowance is at most this part.</summary>
    private const int Share = 16;

    // Requests that read the clock a moment before the one that had its claims proved.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    /// <summary>Makes the claims of an allowance.</summary>
    /// <param name="figures">The claims of a request.</param>
    /// <param name="amounts">How much of each unit.</param>
    /// <param name="extra">How much of that is for requests to come: as much as several processes can take must stay free beside it.</param>
    /// <param name="isForced">Whether it is held already and only to be held on, which is no question of room.</param>
    public static LimitClaim[] Claims(ReadOnlySpan<LimitClaim> figures, in Units amounts, in Units extra, bool isForced)
    {
        var claims = new LimitClaim[figures.Length];
        for (var index = 0; index < claims.Length; index++)
        {
            ref readonly var figure = ref figures[index];
            var unit = (int)figure.Unit;
            var kept = (Int128)figure.Capacity - ((Int128)(Share - 1) * extra[unit]);
            claims[index] = figure with
            {
                Amount = amounts[unit],
                Capacity = isForced ? long.MaxValue : (long)Int128.Max(kept, long.MinValue),
                Since = figure.Window is null || figure.Since.UtcTicks < Slack.Ticks ? figure.Since : figure.Since - Slack,
            };
        }

        return claims;
    }

    /// <summary>For how many requests there would have been room.</summary>
    public static long Fitting(ReadOnlySpan<LimitClaim> figures, IReadOnlyList<LimitUsage> usage, in Units held, Demand demand)
    {
        var requests = long.MaxValue;
        for (var index = 0; index < figures.Length; index++)
        {
            var unit = (int)figures[index].Unit;
            if (demand.Each(unit) is > 0 and var each)
            {
                var room = (Int128)figures[index].Capacity - usage[index].Settled - usage[index].Leased - held[unit];
                requests = (long)Int128.Clamp(room / Share / each, 0, requests);
            }
        }

        return requests;
    }
}
