namespace OpenRouter.Billing.AspNetCore;

/// <summary>Writes how fast the money goes, and whether it lasts.</summary>
internal static class Forecasts
{
    public static void WriteBalance(HtmlText html, ForecastReport? forecast, DateTimeOffset at)
    {
        if (forecast?.PerDay is not { } perDay)
        {
            html.Write($"""<div class="card"><h2>Burn rate</h2><p class="figure" id="burn-rate">unknown</p><p>{forecast?.Missing ?? "It cannot be read just now."}</p></div>""");
            return;
        }

        Fragments.WriteCard(html, "Expected in the next 24 hours", "burn-rate", perDay, "The balance: " + Words(forecast), forecast.IsSoonGone(at));
    }

    public static void Write(HtmlText html, IReadOnlyList<ForecastReport>? forecasts)
    {
        if (forecasts is not { Count: > 0 })
        {
            return;
        }

        html.Write($"""<section aria-labelledby="forecasts"><h2 id="forecasts">Will it last?</h2><div class="scroll" role="region" aria-labelledby="forecasts" tabindex="0"><table><thead><tr><th scope="col">Money</th><th scope="col" class="number">Left</th><th scope="col" class="number">Next 24 hours</th><th scope="col">Starts again</th><th scope="col">Outlook</th></tr></thead><tbody>""");
        foreach (var forecast in forecasts)
        {
            html.Write($"""<tr><th scope="row">{forecast.Name}</th><td class="number">{Shown.Dollars(forecast.Remaining)}</td><td class="number">{Shown.Dollars(forecast.PerDay)}</td><td>""");
            Fragments.WriteTime(html, forecast.ResetsAt);
            html.Write($"</td><td>{Words(forecast)}</td></tr>");
        }

        html.Write($"</tbody></table></div></section>\n");
    }

    private static string Words(ForecastReport forecast) => forecast switch
    {
        { Outcome: "Spent" } => "spent.",
        { GoneAt: { } gone } => $"gone on {Day(gone)}, between {Day(forecast.GoneAtEarliest)} and {Day(forecast.GoneAtLatest)}.",
        { GoneAtEarliest: { } earliest } => $"may be gone on {Day(earliest)} at the earliest.",
        { Outcome: "Lasts", ResetsAt: not null } => "lasts until it starts again.",
        { Outcome: "Lasts" } => "lasts for more than a year.",
        _ => forecast.Missing ?? "unknown.",
    };

    private static string Day(DateTimeOffset? instant) => instant is { } known ? Shown.Day(known) : "later";
}
