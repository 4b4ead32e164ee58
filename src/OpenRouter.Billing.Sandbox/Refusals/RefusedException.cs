namespace OpenRouter.Billing.Sandbox;

/// <summary>Ends a management call with an error answer. It never leaves the endpoint.</summary>
#pragma warning disable CA1032, CA1064 // it carries the refusal and nobody outside sees it
internal sealed class RefusedException(Refusal refusal) : Exception(refusal.Message)
#pragma warning restore CA1032, CA1064
{
    public Refusal Refusal => refusal;
}
