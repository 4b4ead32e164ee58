namespace OpenRouter.Billing.Foresight;

/// <summary>Shorter ways to ask <see cref="IBillingPurchases"/>.</summary>
public static class BillingPurchasesExtensions
{
    /// <summary>Waits until credits that were paid for just now are there.</summary>
    /// <param name="purchases">The account's purchases.</param>
    /// <param name="expected">How much is to arrive, in US dollars of credits.</param>
    /// <param name="progress">Is told of each look; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <returns>Whether they arrived, a part of them, or none.</returns>
    /// <exception cref="ArgumentException"><paramref name="expected"/> is not positive.</exception>
    /// <remarks>Begin it before paying, or soon after: what has arrived by the first look is not noticed. Otherwise, name <see cref="ExpectedCredits.CreditsBefore"/>.</remarks>
    public static Task<CreditArrival> WaitForCreditsAsync(this IBillingPurchases purchases, decimal expected, IProgress<CreditArrival>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(purchases);
        return purchases.WaitForCreditsAsync(new ExpectedCredits { Credits = expected }, progress, cancellationToken);
    }
}
