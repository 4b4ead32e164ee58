namespace OpenRouter.Billing.Guard;

/// <summary>What the guard does with what it decides.</summary>
public enum BillingGuardMode
{
    /// <summary>Requests that may not go out are refused.</summary>
    Enforce,

    /// <summary>Everything is decided, logged, counted and booked, and nothing is refused or changed.</summary>
    Observe,

    /// <summary>Nothing is asked, decided or booked.</summary>
    Off,
}
