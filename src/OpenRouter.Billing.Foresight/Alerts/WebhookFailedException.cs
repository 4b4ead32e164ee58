using System.Globalization;

namespace OpenRouter.Billing.Foresight;

/// <summary>A webhook took an alert in none of its attempts.</summary>
public sealed class WebhookFailedException : OpenRouterBillingException
{
    /// <summary>Builds the exception.</summary>
    /// <param name="attempts">How often it was tried.</param>
    /// <param name="lastFailure">How the last attempt ended, without address or secret.</param>
    public WebhookFailedException(int attempts, string lastFailure)
        : base(string.Create(CultureInfo.InvariantCulture, $"A webhook did not take an alert in {attempts} attempts; at last {lastFailure}."))
    {
        Attempts = attempts;
        LastFailure = lastFailure;
    }

    /// <summary>Gets how often it was tried.</summary>
    /// <value>Attempts; at least 1.</value>
    public int Attempts { get; }

    /// <summary>Gets how the last attempt ended.</summary>
    public string LastFailure { get; }
}
