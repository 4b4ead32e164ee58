namespace OpenRouter.Billing.Foresight;

/// <summary>What came of looking whether it is time to reload.</summary>
public enum ReloadOutcome
{
    /// <summary>It is not time, or too little is known to say so.</summary>
    NotDue,

    /// <summary>A reload was begun too short a time ago, by whichever process.</summary>
    CoolingDown,

    /// <summary>The day has had its reloads, or its amount.</summary>
    DayIsFull,

    /// <summary>Another process was faster.</summary>
    TakenByAnother,

    /// <summary>The app's hook bought nothing.</summary>
    Declined,

    /// <summary>The app's hook failed or took too long; it may have bought all the same.</summary>
    Failed,

    /// <summary>The credits are there.</summary>
    Arrived,

    /// <summary>A part of the credits is there, and the wait is over.</summary>
    Partly,

    /// <summary>None of the credits is there, and the wait is over.</summary>
    Late,
}
