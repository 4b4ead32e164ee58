using System.Globalization;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Writes charts as SVG, each with a table of the same figures. Sizes are attributes, because the page allows no inline styles.</summary>
internal static class Charts
{
    private const int Width = 720;
    private const int Height = 180;
    private const int Left = 64;
    private const int Right = 16;
    private const int Bottom = 22;
    private const int Top = 10;

    private static readonly decimal[] GridLines = [0, 0.5m, 1];

    public static void WriteDays(HtmlText html, string id, string title, IReadOnlyList<DayReport> days)
    {
        var highest = Math.Max(days.Max(day => day.Cost), 0.000001m);
        var plotHeight = Height - Bottom - Top;
        var step = (decimal)(Width - Left - Right) / days.Count;
        html.Write($"""<section aria-labelledby="{id}"><h2 id="{id}">{title}</h2><svg class="chart" viewBox="0 0 {Width} {Height}" role="img" aria-label="{title}: {Shown.Dollars(days.Sum(day => day.Cost))} from {Shown.Day(days[0].Day)} to {Shown.Day(days[^1].Day)}. The figures are in the table below.">""");
        foreach (var part in GridLines)
        {
            var y = Top + (plotHeight * (1 - part));
            html.Write($"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{y}" y2="{y}"/><text class="label" x="{Left - 6}" y="{y + 4}" text-anchor="end">{Label(highest * part)}</text>""");
        }

        for (var index = 0; index < days.Count; index++)
        {
            var height = days[index].Cost / highest * plotHeight;
            var x = Left + (step * index) + (step * 0.15m);
            html.Write($"""<rect class="bar" x="{x}" y="{Top + plotHeight - height}" width="{step * 0.7m}" height="{height}" rx="1.5"><title>{Shown.Day(days[index].Day)}: {Shown.Dollars(days[index].Cost)}, {days[index].Requests} requests</title></rect>""");
            if ((days.Count - 1 - index) % 7 == 0)
            {
                html.Write($"""<text class="label" x="{Left + (step * (index + 0.5m))}" y="{Height - 6}" text-anchor="middle">{days[index].Day.ToString("MMM d", CultureInfo.InvariantCulture)}</text>""");
            }
        }

        html.Write($"""</svg><details id="{id}-table"><summary>Table: {title}</summary><table><thead><tr><th scope="col">Day</th><th scope="col" class="number">Cost</th><th scope="col" class="number">Requests</th></tr></thead><tbody>""");
        foreach (var day in days.Reverse())
        {
            html.Write($"""<tr><th scope="row">{Shown.Day(day.Day)}</th><td class="number"><data value="{day.Cost}">{Shown.Dollars(day.Cost)}</data></td><td class="number">{day.Requests}</td></tr>""");
        }

        html.Write($"</tbody></table></details></section>\n");
    }

    public static void WriteShares(HtmlText html, string id, string title, string what, IReadOnlyList<ShareReport> shares)
    {
        html.Write($"""<section aria-labelledby="{id}"><h2 id="{id}">{title}</h2>""");
        if (shares.Count == 0)
        {
            html.Write($"""<p class="quiet">Nothing in 30 days.</p></section>""");
            return;
        }

        var total = Math.Max(shares.Sum(share => share.Cost), 0.000000001m);
        html.Write($"""<table><thead><tr><th scope="col">{what}</th><th scope="col" class="number">Cost</th><th scope="col" class="number">Requests</th></tr></thead><tbody>""");
        foreach (var share in shares)
        {
            html.Write($"""<tr><th scope="row"><bdi>{share.Name}</bdi>""");
            WriteMeter(html, share.Cost / total, isBad: false);
            html.Write($"""</th><td class="number"><data value="{share.Cost}">{Shown.Dollars(share.Cost)}</data></td><td class="number">{share.Requests}</td></tr>""");
        }

        html.Write($"</tbody></table></section>\n");
    }

    /// <summary>A bar that is filled in part. The figures stand beside it, so it is hidden from readers of the page.</summary>
    public static void WriteMeter(HtmlText html, decimal part, bool isBad) =>
        html.Write($"""<svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="6" rx="3"/><rect class="{(isBad ? "fill bad" : "fill")}" width="{Math.Round(part * 100, 2)}" height="6" rx="3"/></svg>""");

    private static string Label(decimal amount) => amount == 0 ? "0" : amount.ToString(amount >= 10 ? "0" : amount >= 0.1m ? "0.00" : "0.00000", CultureInfo.InvariantCulture);
}
