namespace OpenRouter.Billing.Sandbox;

/// <summary>Converts between US dollars and the whole nano-dollars that the ledger adds up.</summary>
internal static class NanoDollars
{
    private const decimal PerDollar = 1_000_000_000m;

    /// <summary>Rounds down: a bill is never larger than the exact product of tokens and price.</summary>
    public static long FromUsd(decimal usd) => (long)decimal.Floor(usd * PerDollar);

    public static decimal ToUsd(long nanoDollars) => nanoDollars / PerDollar;
}
