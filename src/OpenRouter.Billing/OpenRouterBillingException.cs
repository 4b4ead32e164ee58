namespace OpenRouter.Billing;

/// <summary>The root of everything this library throws about money: catch it to catch them all.</summary>
/// <remarks>
/// It does not derive from <see cref="HttpRequestException"/>, which retry handlers take for a passing fault:
/// a refusal that is repeated is refused again. No message holds a key, a prompt or an answer.
/// </remarks>
public abstract class OpenRouterBillingException : Exception
{
    /// <summary>Creates the exception with a message that says what happened, which value, and what to do.</summary>
    /// <param name="message">The message, in English and invariant culture.</param>
    /// <param name="innerException">What caused it; <see langword="null"/> when nothing did.</param>
    protected OpenRouterBillingException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
