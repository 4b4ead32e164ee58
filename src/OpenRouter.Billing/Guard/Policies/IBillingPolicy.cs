namespace OpenRouter.Billing.Guard;

/// <summary>Looks at a request and at what is known, and answers with claims, a refusal, or nothing. Safe for concurrent use; lives as long as the app.</summary>
/// <remarks>
/// The guard asks its own policies first, in the order in which OpenRouter checks, and then the app's, in the order in which
/// <c>AddPolicy</c> registered them. The first refusal wins; claims are taken all together, or none. A request may be asked
/// about more than once before it goes out, so a policy keeps no count of its own: what is to be counted is claimed.
/// </remarks>
public interface IBillingPolicy
{
    /// <summary>Puts the answer into the context. It is called while a request waits, so whatever takes time is found out beforehand.</summary>
    /// <param name="context">The request, and what is known.</param>
    /// <remarks>An exception is a limit that cannot be read: <see cref="BillingGuardOptions.WhenUnavailable"/> decides.</remarks>
    void Apply(BillingPolicyContext context);
}
