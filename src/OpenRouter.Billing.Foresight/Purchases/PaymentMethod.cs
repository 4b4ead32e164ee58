namespace OpenRouter.Billing.Foresight;

/// <summary>How credits are paid for.</summary>
public enum PaymentMethod
{
    /// <summary>With a card, or with what OpenRouter's payment page takes like one.</summary>
    Card,

    /// <summary>With a cryptocurrency. Such a purchase is never refunded.</summary>
    Crypto,
}
