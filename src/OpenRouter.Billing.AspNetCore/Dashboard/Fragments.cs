namespace OpenRouter.Billing.AspNetCore;

/// <summary>Writes what several parts of the page are made of.</summary>
internal static class Fragments
{
    public static void WriteCard(HtmlText html, string title, string id, decimal amount, string note, bool isBad = false) =>
        html.Write($"""<div class="card{(isBad ? " bad" : string.Empty)}"><h2>{title}</h2><p class="figure" id="{id}"><data value="{amount}">{Shown.Dollars(amount)}</data></p><p>{note}</p></div>""");

    public static void WriteTime(HtmlText html, DateTimeOffset? instant)
    {
        if (instant is { } known)
        {
            html.Write($"""<time datetime="{Shown.Iso(known)}">{Shown.Instant(known)}</time>""");
        }
        else
        {
            html.Write($"""<span class="quiet">not by itself</span>""");
        }
    }
}
