namespace OpenRouter.Billing.Wire;

/// <summary>When a call that failed may be sent again.</summary>
internal enum Repetition
{
    /// <summary>After every passing fault: a call that reads.</summary>
    AfterPassingFaults,

    /// <summary>Only when no connection came about: a call that writes must not be carried out twice.</summary>
    WhenNeverReceived,

    /// <summary>Never: an answer that comes late is of no use.</summary>
    Never,
}
