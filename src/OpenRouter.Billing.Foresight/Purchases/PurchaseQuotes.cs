namespace OpenRouter.Billing.Foresight;

/// <summary>Works out what credits would cost.</summary>
internal sealed class PurchaseQuotes(PurchaseOptions options)
{
    // Nobody clicks more often than this.
    private const int MostPurchases = 100;

    public PurchaseQuote Of(decimal credits, PaymentMethod method)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(credits);
        return Quote(credits, credits, 1, null, method);
    }

    /// <summary>The cheapest way to at least so many credits: the amount itself, or one package as often as it takes.</summary>
    public PurchaseQuote Cheapest(decimal credits, PaymentMethod method)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(credits);
        return options.Packages
            .Select(package => OfPackage(package, credits, method))
            .OfType<PurchaseQuote>()
            .Prepend(Of(credits, method))
            .OrderBy(quote => quote.Total).ThenByDescending(quote => quote.Credits).ThenBy(quote => quote.Purchases)
            .First();
    }

    private PurchaseQuote? OfPackage(CreditPackageOptions package, decimal credits, PaymentMethod method)
    {
        var purchases = Math.Ceiling(credits / package.Credits);
        return purchases > MostPurchases ? null : Quote(package.Credits * purchases, package.Price, (int)purchases, package.Price, method);
    }

    private PurchaseQuote Quote(decimal credits, decimal priceOfOne, int purchases, decimal? package, PaymentMethod method) => new()
    {
        Credits = credits,
        Price = priceOfOne * purchases,
        Fee = Fee(priceOfOne, method) * purchases,
        Method = method,
        Purchases = purchases,
        Package = package,
        FeeSource = options.FeeSource,
        FeesAsOf = options.FeesAsOf,
    };

    private decimal Fee(decimal price, PaymentMethod method) => method == PaymentMethod.Crypto
        ? Cents(price * options.CryptoFeeRate)
        : Math.Max(options.CardMinimumFee, Cents(price * options.CardFeeRate));

    private static decimal Cents(decimal usDollars) => decimal.Round(usDollars, 2, MidpointRounding.AwayFromZero);
}
