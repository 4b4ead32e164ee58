namespace OpenRouter.Billing.Guard;

/// <summary>Is told of every refusal, before sending and by OpenRouter. Safe for concurrent use; lives as long as the app.</summary>
/// <remarks>
/// Registered with <c>AddRefusalObserver</c>. It is called while the refused request waits, so it only takes notes. What it
/// throws is logged and goes no further.
/// </remarks>
public interface IBillingRefusalObserver
{
    /// <summary>Takes in a refusal.</summary>
    /// <param name="refusal">The refusal.</param>
    void Refused(BillingRefusal refusal);
}
