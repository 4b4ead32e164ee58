namespace OpenRouter.Billing.Foresight;

/// <summary>How a purchase is given back. There is no way by API.</summary>
public enum RefundRoute
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>With the refund button on the credits page.</summary>
    Button,

    /// <summary>With a support ticket.</summary>
    Ticket,
}
