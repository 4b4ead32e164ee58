namespace OpenRouter.Billing.Foresight;

/// <summary>How far credits are that were paid for.</summary>
public enum CreditArrivalStage
{
    /// <summary>They are waited for, as is usual.</summary>
    Waiting,

    /// <summary>They take longer than usual: look whether the card was charged and a receipt came.</summary>
    Slow,

    /// <summary>They take so long that it is time for a support ticket; they are still waited for.</summary>
    TicketAdvised,

    /// <summary>All of them are there.</summary>
    Arrived,

    /// <summary>The wait is over, and only a part of them is there.</summary>
    Partly,

    /// <summary>The wait is over, and none of them is there.</summary>
    Late,
}
