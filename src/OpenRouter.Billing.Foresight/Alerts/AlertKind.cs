namespace OpenRouter.Billing.Foresight;

/// <summary>What an alert is about.</summary>
public enum AlertKind
{
    /// <summary>The balance has fallen below a threshold.</summary>
    Balance,

    /// <summary>The balance is below zero, so that OpenRouter refuses free models too.</summary>
    NegativeBalance,

    /// <summary>A key has used a part of its cap.</summary>
    KeyCap,

    /// <summary>A budget has been used up to a part: one of OpenRouter's, or one of the app's own.</summary>
    Budget,

    /// <summary>A part of the day's requests to free models has been used.</summary>
    FreeQuota,

    /// <summary>The balance is expected to be gone before long.</summary>
    Depletion,

    /// <summary>Far more is spent today than on other days.</summary>
    SpendSpike,

    /// <summary>A key stops working before long.</summary>
    KeyExpiry,

    /// <summary>A model that was used may be gone before long.</summary>
    ModelExpiry,

    /// <summary>Credits that were bought have arrived.</summary>
    PurchaseArrived,

    /// <summary>Credits that were bought have not arrived in time.</summary>
    PurchaseLate,

    /// <summary>The runaway brake has come on, or was reset.</summary>
    Runaway,

    /// <summary>Credits are to be bought, or an attempt to do so failed.</summary>
    Reload,

    /// <summary>What the app raised itself.</summary>
    Custom,

    /// <summary>Several things at once; <see cref="BillingAlert.Parts"/> has them.</summary>
    Several,
}
