using System.Globalization;

namespace OpenRouter.Billing.Foresight;

/// <summary>Whether a purchase can be given back, how, how much of it, and until when.</summary>
public sealed record RefundAdvice
{
    /// <summary>Gets the purchase.</summary>
    public required Purchase Purchase { get; init; }

    /// <summary>Gets how.</summary>
    public required RefundRoute Route { get; init; }

    /// <summary>Gets how much comes back.</summary>
    /// <value>US dollars, 0 when nothing does. Fees are kept.</value>
    public required decimal Amount { get; init; }

    /// <summary>Gets until when it can be asked for.</summary>
    /// <value>UTC.</value>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Gets why, in a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Gets after which day to ask after a refund that is asked for now.</summary>
    /// <value>Holidays are not known, weekends are; <see langword="null"/> when there is none.</value>
    public DateOnly? ChaseAfter { get; init; }

    internal static RefundAdvice Of(CreditLot lot, PurchaseOptions options, DateTimeOffset now)
    {
        var purchase = lot.Purchase;
        var price = purchase.Price ?? purchase.Credits;
        var until = purchase.PaidAt.ToUniversalTime() + options.RefundWindow;
        // A bonus was not paid for.
        var amount = decimal.Round(Math.Min(lot.Unused, lot.Unused * price / purchase.Credits), 2, MidpointRounding.ToZero);
        var refused = purchase.Method == PaymentMethod.Crypto ? "Purchases with a cryptocurrency are never refunded."
            : now > until ? string.Create(CultureInfo.InvariantCulture, $"It was paid more than {options.RefundWindow.TotalHours:0.##} hours ago.")
            : lot.Arrived == 0 ? "Its credits have not arrived yet."
            : amount <= 0 ? "All of it is used."
            : null;
        var route = refused is not null ? RefundRoute.None : price < options.RefundTicketFrom ? RefundRoute.Button : RefundRoute.Ticket;
        return new RefundAdvice
        {
            Purchase = purchase,
            Route = route,
            Amount = refused is null ? amount : 0,
            Until = until,
            Reason = refused ?? (route == RefundRoute.Button
                ? "The unused part comes back with the refund button on the credits page; fees are kept."
                : "The unused part comes back with a support ticket; fees are kept."),
            ChaseAfter = refused is null ? BusinessDays.After(DateOnly.FromDateTime(now.UtcDateTime), options.RefundBusinessDays) : null,
        };
    }
}
