namespace OpenRouter.Billing;

/// <summary>A total was asked for, and a part of what it is about is missing.</summary>
public sealed class PartialResultException : OpenRouterBillingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing, and what to do.</param>
    /// <param name="innerException">Why it is missing; <see langword="null"/> when nothing failed.</param>
    public PartialResultException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
