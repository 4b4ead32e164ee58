namespace OpenRouter.Billing.Foresight;

/// <summary>What OpenRouter offers no API for: what credits cost, whether they have arrived, and until when they can be given back and last. Safe for concurrent use.</summary>
/// <remarks>
/// Purchases are made on OpenRouter's page. The app records them here, and every process that shares the account's
/// <see cref="Guard.ISharedState"/> sees them.
/// </remarks>
public interface IBillingPurchases
{
    /// <summary>Says what an amount of credits would cost.</summary>
    /// <param name="credits">US dollars of credits.</param>
    /// <param name="method">How it would be paid.</param>
    /// <returns>The quote, before taxes.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="credits"/> is not positive.</exception>
    PurchaseQuote Quote(decimal credits, PaymentMethod method = PaymentMethod.Card);

    /// <summary>Finds the cheapest way to at least so many credits: the amount itself, or one of <see cref="PurchaseOptions.Packages"/> as often as it takes.</summary>
    /// <param name="credits">US dollars of credits that are needed.</param>
    /// <param name="method">How it would be paid.</param>
    /// <returns>The quote, before taxes; of two that cost the same, the one that brings more.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="credits"/> is not positive.</exception>
    PurchaseQuote QuoteCheapest(decimal credits, PaymentMethod method = PaymentMethod.Card);

    /// <summary>Waits until credits that were paid for are there: looks ever more rarely, and gives up after <see cref="PurchaseOptions.LongestArrival"/>.</summary>
    /// <param name="expected">What is to arrive.</param>
    /// <param name="progress">Is told of each look; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <returns>Whether they arrived, a part of them, or none; never an exception for credits that do not come.</returns>
    /// <exception cref="ArgumentException"><paramref name="expected"/> is not positive, or its reference is too long or holds a key.</exception>
    /// <exception cref="CredentialMissingException">No management key is set.</exception>
    /// <exception cref="OpenRouterApiException">The key may not read the balance; or the first look failed and nobody knows what was there before.</exception>
    /// <exception cref="OpenRouterConnectionException">The first look got no answer, and nobody knows what was there before.</exception>
    /// <remarks><c>data.total_credits</c> of <c>GET /credits</c>, which own spending does not change.</remarks>
    Task<CreditArrival> WaitForCreditsAsync(ExpectedCredits expected, IProgress<CreditArrival>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Does the same look by look.</summary>
    /// <param name="expected">What is to arrive.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <returns>Each look; the last one is over.</returns>
    /// <exception cref="ArgumentException"><paramref name="expected"/> is not positive, or its reference is too long or holds a key.</exception>
    /// <remarks>Throws what <see cref="WaitForCreditsAsync"/> throws.</remarks>
    IAsyncEnumerable<CreditArrival> WatchCreditsAsync(ExpectedCredits expected, CancellationToken cancellationToken = default);

    /// <summary>Keeps a purchase in mind, of the last 1,000. One of the same id is replaced.</summary>
    /// <param name="purchase">The purchase.</param>
    /// <param name="cancellationToken">Gives the writing up; it may have been done.</param>
    /// <returns>When it is written.</returns>
    /// <exception cref="ArgumentException">The id is empty, too long or holds a key, or an amount is not positive.</exception>
    /// <exception cref="InvalidDataException">Another version of the app wrote the recorded purchases, and this one cannot read them.</exception>
    /// <exception cref="TimeoutException">Others wrote at the same time again and again.</exception>
    Task RecordAsync(Purchase purchase, CancellationToken cancellationToken = default);

    /// <summary>Says what is left of each recorded purchase, and when it may expire.</summary>
    /// <param name="perDay">What is spent in a day, in US dollars, such as <see cref="Forecast.AverageDailySpend"/>; <see langword="null"/> to leave open what will expire.</param>
    /// <param name="cancellationToken">Gives the question up.</param>
    /// <returns>The purchases, the oldest first; credits that nobody recorded count as older.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="perDay"/> is negative.</exception>
    /// <exception cref="CredentialMissingException">No management key is set.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused, or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <exception cref="InvalidDataException">Another version of the app wrote the recorded purchases, and this one cannot read them.</exception>
    /// <remarks><c>GET /credits</c>, and what the app recorded.</remarks>
    Task<IReadOnlyList<CreditLot>> ListLotsAsync(decimal? perDay = null, CancellationToken cancellationToken = default);

    /// <summary>Says whether a recorded purchase can be given back, how, and how much of it.</summary>
    /// <param name="id">The purchase's id.</param>
    /// <param name="cancellationToken">Gives the question up.</param>
    /// <returns>The advice; <see langword="null"/> when no such purchase is recorded.</returns>
    /// <exception cref="ArgumentException"><paramref name="id"/> is empty.</exception>
    /// <exception cref="CredentialMissingException">No management key is set.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused, or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <exception cref="InvalidDataException">Another version of the app wrote the recorded purchases, and this one cannot read them.</exception>
    /// <remarks><c>GET /credits</c>, and what the app recorded.</remarks>
    Task<RefundAdvice?> AdviseRefundAsync(string id, CancellationToken cancellationToken = default);
}
