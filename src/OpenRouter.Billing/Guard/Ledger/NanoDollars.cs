namespace OpenRouter.Billing.Guard;

/// <summary>Money as ledgers keep it: whole billionths of a dollar.</summary>
internal static class NanoDollars
{
    /// <summary>One of them, in US dollars: the least that is more than nothing.</summary>
    public const decimal One = 1 / PerDollar;

    private const decimal PerDollar = 1_000_000_000m;

    // The whole dollars that fit: beyond them an amount is "more than anyone has", and its exact size decides nothing.
    private const decimal Most = 9_223_372_036m;

    public static long RoundUp(decimal dollars) => (long)decimal.Ceiling(Bound(dollars) * PerDollar);

    /// <summary>Rounds a sum up; its parts are bounded first, so that no two are too much to add.</summary>
    public static long RoundUp(decimal dollars, decimal more) => RoundUp(Bound(dollars) + Bound(more));

    public static long RoundDown(decimal dollars) => (long)decimal.Floor(Bound(dollars) * PerDollar);

    public static decimal ToDollars(long nanoDollars) => nanoDollars / PerDollar;

    /// <summary>A sum of many amounts, which may be more than one amount can be.</summary>
    public static decimal ToDollars(Int128 nanoDollars) => (decimal)nanoDollars / PerDollar;

    private static decimal Bound(decimal dollars) => Math.Clamp(dollars, -Most, Most);
}
