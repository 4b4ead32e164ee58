namespace OpenRouter.Billing.AspNetCore;

/// <summary>Writes what wants to be noticed.</summary>
internal static class Notices
{
    public static void WriteAlerts(HtmlText html, IReadOnlyList<AlertReport> alerts)
    {
        if (alerts.Count == 0)
        {
            return;
        }

        html.Write($"""<section aria-labelledby="alerts"><h2 id="alerts">Alerts</h2><ul class="notices">""");
        foreach (var alert in alerts)
        {
            html.Write($"""<li class="{alert.Severity}"><p><strong>{alert.Severity}</strong> {alert.Text}""");
            if (alert.At is { } told)
            {
                html.Write($""" <span class="quiet">told """);
                Fragments.WriteTime(html, told);
                html.Write($"</span>");
            }

            html.Write($"</p></li>");
        }

        html.Write($"</ul></section>\n");
    }

    public static void WriteRefusals(HtmlText html, IReadOnlyList<RefusalReport> refusals)
    {
        html.Write($"""<section aria-labelledby="refusals"><h2 id="refusals">Recent refusals</h2>""");
        if (refusals.Count == 0)
        {
            html.Write($"""<p class="quiet">None since the app started.</p></section>""");
            return;
        }

        html.Write($"""<ol class="notices">""");
        foreach (var refusal in refusals)
        {
            html.Write($"""<li><p><strong>{refusal.Cause}</strong> """);
            Fragments.WriteTime(html, refusal.At);
            html.Write($"""<span class="quiet"> by {refusal.SaidBy}{Whose(refusal)}{(refusal.Times > 1 ? $", {Shown.Count(refusal.Times)} times" : string.Empty)}{(refusal.WentOutAnyway ? ", went out anyway" : string.Empty)}</span></p><p>{refusal.Explanation}</p></li>""");
        }

        html.Write($"</ol></section>\n");
    }

    private static string Whose(RefusalReport refusal) =>
        (refusal.Project is { } project ? $", project {project}" : string.Empty) + (refusal.Member is { } member ? $", member {member}" : string.Empty);
}
