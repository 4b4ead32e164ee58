namespace OpenRouter.Billing.Sandbox;

/// <summary>What <c>GET /credits</c> answers to a key that is no management key. All three are met in the wild.</summary>
public enum OrdinaryKeyCredits
{
    /// <summary>403, as documented.</summary>
    Forbidden,

    /// <summary>The account's true numbers.</summary>
    RealNumbers,

    /// <summary>200 with two zeros, which do not mean an empty account.</summary>
    Zeros,
}
