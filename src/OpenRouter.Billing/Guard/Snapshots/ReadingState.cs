namespace OpenRouter.Billing.Guard;

/// <summary>What came of asking for a figure. "May not" and "could not" are never mixed up.</summary>
internal enum ReadingState
{
    /// <summary>The figure is known.</summary>
    Known,

    /// <summary>OpenRouter does not tell it to this key: it stays unknown, and asking again is no use.</summary>
    NotPermitted,

    /// <summary>It could not be read just now.</summary>
    Unavailable,
}
