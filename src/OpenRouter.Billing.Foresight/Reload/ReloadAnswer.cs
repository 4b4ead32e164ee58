namespace OpenRouter.Billing.Foresight;

/// <summary>What an app did about a reload.</summary>
public sealed record ReloadAnswer
{
    /// <summary>Gets how much was bought.</summary>
    /// <value>US dollars of credits, which are then waited for; <see langword="null"/> when nothing was bought.</value>
    public decimal? Bought { get; init; }

    /// <summary>Gets how it was paid.</summary>
    /// <value><see cref="PaymentMethod.Card"/> by default.</value>
    public PaymentMethod Method { get; init; }

    /// <summary>Gets what the app knows the purchase by.</summary>
    /// <value>Up to 100 characters, such as the number of the receipt; nothing secret. <see langword="null"/> for <see cref="ReloadRequest.Id"/>.</value>
    public string? Reference { get; init; }
}
