using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <summary>The purchases of one account.</summary>
/// <remarks>
/// An app with a container registers it with <c>AddPurchases</c>. Without one:
/// <code>var purchases = new BillingPurchases(billing, new PurchaseOptions());</code>
/// </remarks>
public sealed class BillingPurchases : IBillingPurchases
{
    private const int LongestText = 100;

    private readonly Func<IOpenRouterBillingClient> _billing;
    private readonly Func<PurchaseOptions> _options;
    private readonly PurchaseBook _book;
    private readonly PurchaseNews _news;
    private readonly TimeProvider _timeProvider;

    /// <summary>Builds the purchases of an account.</summary>
    /// <param name="billing">Reads the account's credits.</param>
    /// <param name="options">Fees, packages and times.</param>
    /// <param name="state">Where recorded purchases are kept, of this account alone; <see langword="null"/> for the memory of this object.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The options contradict themselves; the message names each, its value and the cure.</exception>
    public BillingPurchases(IOpenRouterBillingClient billing, PurchaseOptions options, ISharedState? state = null, TimeProvider? timeProvider = null)
        : this(() => billing, () => options, state ?? new InMemorySharedState(timeProvider), string.Empty, new PurchaseNews(null, NullLogger.Instance), timeProvider ?? TimeProvider.System)
    {
        ArgumentNullException.ThrowIfNull(billing);
        PurchaseOptionsValidator.ThrowIfInvalid(options);
    }

    internal BillingPurchases(Func<IOpenRouterBillingClient> billing, Func<PurchaseOptions> options, ISharedState state, string account, PurchaseNews news, TimeProvider timeProvider)
    {
        (_billing, _options, _news, _timeProvider) = (billing, options, news, timeProvider);
        _book = new PurchaseBook(state, account);
    }

    /// <inheritdoc/>
    public PurchaseQuote Quote(decimal credits, PaymentMethod method = PaymentMethod.Card) => new PurchaseQuotes(_options()).Of(credits, method);

    /// <inheritdoc/>
    public PurchaseQuote QuoteCheapest(decimal credits, PaymentMethod method = PaymentMethod.Card) => new PurchaseQuotes(_options()).Cheapest(credits, method);

    /// <inheritdoc/>
    public async Task<CreditArrival> WaitForCreditsAsync(ExpectedCredits expected, IProgress<CreditArrival>? progress = null, CancellationToken cancellationToken = default)
    {
        CreditArrival? last = null;
        await foreach (var look in WatchCreditsAsync(expected, cancellationToken).ConfigureAwait(false))
        {
            last = look;
            progress?.Report(look);
        }

        return last!;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<CreditArrival> WatchCreditsAsync(ExpectedCredits expected, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(expected.Credits);
        CheckText(expected.Reference, nameof(ExpectedCredits.Reference));
        return TellAsync(new CreditWatch(_billing().Credits, _options(), _timeProvider).WatchAsync(expected, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task RecordAsync(Purchase purchase, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(purchase);
        ArgumentException.ThrowIfNullOrWhiteSpace(purchase.Id);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(purchase.Credits);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(purchase.Price ?? purchase.Credits);
        CheckText(purchase.Id, nameof(Purchase.Id));
        return _book.RecordAsync(purchase with { PaidAt = purchase.PaidAt.ToUniversalTime() }, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CreditLot>> ListLotsAsync(decimal? perDay = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(perDay ?? 0);
        var purchases = await _book.ReadAsync(cancellationToken).ConfigureAwait(false);
        var balance = await _billing().Credits.GetAsync(cancellationToken).ConfigureAwait(false);
        return CreditLots.Of(purchases, balance, _options(), _timeProvider.GetUtcNow(), perDay);
    }

    /// <inheritdoc/>
    public async Task<RefundAdvice?> AdviseRefundAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        var lots = await ListLotsAsync(null, cancellationToken).ConfigureAwait(false);
        return lots.FirstOrDefault(lot => lot.Purchase.Id == id) is { } lot ? RefundAdvice.Of(lot, _options(), _timeProvider.GetUtcNow()) : null;
    }

    /// <summary>Reads what the app recorded.</summary>
    internal Task<IReadOnlyList<Purchase>> ReadRecordedAsync(CancellationToken cancellationToken) => _book.ReadAsync(cancellationToken);

    private async IAsyncEnumerable<CreditArrival> TellAsync(IAsyncEnumerable<CreditArrival> looks, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var look in looks.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            await _news.TellAsync(look, cancellationToken).ConfigureAwait(false);
            yield return look;
        }
    }

    // These texts go into tickets and into what processes share.
    private static void CheckText(string? text, string name)
    {
        if (text is { Length: > LongestText })
        {
            throw new ArgumentException($"{name} has {text.Length} characters: use at most {LongestText}.", name);
        }

        if (text is not null && Redaction.HoldsSecret(text))
        {
            throw new ArgumentException($"{name} holds what looks like a key: name the purchase by its receipt.", name);
        }
    }
}
