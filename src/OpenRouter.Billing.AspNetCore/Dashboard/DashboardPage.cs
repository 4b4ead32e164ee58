namespace OpenRouter.Billing.AspNetCore;

/// <summary>Writes the page. It says everything without a script; with one it brings itself up to date.</summary>
internal static class DashboardPage
{
    public static string Write(BillingReport report, string address, TimeSpan refreshEvery)
    {
        var html = new HtmlText();
        html.Write($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="robots" content="noindex">
            <title>OpenRouter billing</title>
            <link rel="icon" href="{address}/icon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="{address}/dashboard.css">
            <script src="{address}/dashboard.js" defer></script>
            </head>
            <body data-refresh="{(long)refreshEvery.TotalMilliseconds}">
            <a class="skip" href="#report">Skip to the figures</a>
            <header>
            <h1>OpenRouter billing</h1>
            <p class="tools"><span id="status" role="status"></span> <button id="pause" type="button" hidden>Pause updates</button> <a href="{address}/report.json">JSON</a></p>
            </header>
            <main id="report" tabindex="-1">

            """);
        WriteSummary(html, report);
        Notices.WriteAlerts(html, report.Alerts);
        Notices.WriteRefusals(html, report.Refusals);
        WriteLimits(html, report.Limits);
        Forecasts.Write(html, report.LimitForecasts);
        WriteSpend(html, report);
        html.Write($"</main>\n</body>\n</html>\n");
        return html.ToString();
    }

    private static void WriteSummary(HtmlText html, BillingReport report)
    {
        html.Write($"""<p class="as-of">As of <time datetime="{Shown.Iso(report.At)}">{Shown.Instant(report.At)}</time>. Guard: <span class="{(report.Mode == "Enforce" ? "mode" : "mode loose")}">{report.Mode}</span></p>""");
        html.Write($"""<section class="cards" aria-label="Summary">""");
        WriteBalance(html, report.Balance);
        Forecasts.WriteBalance(html, report.Forecast, report.At);
        WriteKey(html, report.Key);
        if (report.Spend is { } spend)
        {
            Fragments.WriteCard(html, "Spent by this app today", "spent-today", spend.Today, $"{Shown.Dollars(spend.Total)} in 30 days, {Shown.Count(spend.Requests)} requests");
        }

        if (report.FreeRequests is { } free)
        {
            html.Write($"""<div class="card"><h2>Free requests left today</h2><p class="figure" id="free-requests">""");
            html.Write($"""<data value="{Shown.Count(free.Remaining)}">{Shown.Count(free.Remaining)}</data></p><p>of {Shown.Count(free.Limit)}</p></div>""");
        }

        html.Write($"</section>\n");
    }

    private static void WriteBalance(HtmlText html, BalanceReport balance)
    {
        if (balance.Remaining is { } remaining)
        {
            Fragments.WriteCard(html, "Balance", "balance", remaining, $"{Shown.Dollars(balance.TotalUsage)} of {Shown.Dollars(balance.TotalCredits)} used", remaining <= 0);
            return;
        }

        var why = balance.State == "withheld" ? "OpenRouter does not tell it to this key. Set a management key to see it." : "It cannot be read just now.";
        html.Write($"""<div class="card"><h2>Balance</h2><p class="figure" id="balance">unknown</p><p>{why}</p></div>""");
    }

    private static void WriteKey(HtmlText html, KeyReport? key)
    {
        if (key is null)
        {
            html.Write($"""<div class="card"><h2>Key</h2><p class="figure">unknown</p><p>It cannot be read just now.</p></div>""");
        }
        else if (key.Remaining is { } remaining)
        {
            Fragments.WriteCard(html, "Left of the key’s cap", "key-remaining", remaining, $"of {Shown.Dollars(key.Limit)}{(key.Reset is { } reset ? $", {reset}" : string.Empty)}", remaining <= 0);
        }
        else
        {
            Fragments.WriteCard(html, "Spent with this key today", "key-today", key.SpentToday ?? 0, "The key has no cap.");
        }
    }

    private static void WriteLimits(HtmlText html, IReadOnlyList<LimitReport> limits)
    {
        html.Write($"""<section aria-labelledby="limits"><h2 id="limits">Limits</h2>""");
        if (limits.Count == 0)
        {
            html.Write($"<p>No limit is known.</p></section>\n");
            return;
        }

        html.Write($"""<div class="scroll" role="region" aria-labelledby="limits" tabindex="0"><table><thead><tr><th scope="col">Limit</th><th scope="col" class="number">Left</th><th scope="col" class="number">Used</th><th scope="col" class="number">Held</th><th scope="col" class="wide">Part used</th><th scope="col">Opens again</th></tr></thead><tbody>""");
        foreach (var limit in limits)
        {
            var part = limit.Capacity > 0 ? Math.Clamp((limit.Used + limit.Held) / limit.Capacity, 0, 1) : 1;
            html.Write($"""<tr><th scope="row">{limit.Name}</th><td class="number"><data value="{limit.Remaining}">{Amount(limit.Remaining, limit.Unit)}</data></td><td class="number">{Amount(limit.Used, limit.Unit)}</td><td class="number">{Amount(limit.Held, limit.Unit)}</td><td class="wide">""");
            Charts.WriteMeter(html, part, limit.Remaining <= 0);
            html.Write($"</td><td>");
            Fragments.WriteTime(html, limit.ResetsAt);
            html.Write($"</td></tr>");
        }

        html.Write($"</tbody></table></div></section>\n");
    }

    private static void WriteSpend(HtmlText html, BillingReport report)
    {
        if (report.Spend is { } spend)
        {
            Charts.WriteDays(html, "spend-days", "Spent by this app, by day", spend.ByDay);
            html.Write($"""<div class="pair">""");
            Charts.WriteShares(html, "models", "By model", "Model", spend.ByModel);
            Charts.WriteShares(html, "projects", "By project", "Project", spend.ByProject);
            html.Write($"</div>\n");
        }

        if (report.AccountDays is { Count: > 0 } days)
        {
            Charts.WriteDays(html, "account-days", "Spent by the whole account, by completed day", days);
        }
    }

    private static string Amount(decimal amount, string unit) => unit == "USD" ? Shown.Dollars(amount) : Shown.Count((long)amount);
}
