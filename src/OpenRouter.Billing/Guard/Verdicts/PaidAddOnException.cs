namespace OpenRouter.Billing.Guard;

/// <summary>A request to free models asks for something that costs, such as web search, and the guard is set to refuse that.</summary>
public sealed class PaidAddOnException : BillingGuardException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="verdict">Why.</param>
    public PaidAddOnException(BillingVerdict verdict)
        : base(RefusalText.Build("The model is free, but the request asks for a plugin, a tool, a file or a variant that costs", verdict), verdict)
    {
    }
}
