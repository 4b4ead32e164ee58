namespace OpenRouter.Billing.Guard;

/// <summary>One request for admission.</summary>
/// <param name="Request">What is asked for.</param>
/// <param name="Options">The options of this moment: one decision is made by one set of them.</param>
/// <param name="Mode">What becomes of the decision, by the mode in which it was begun.</param>
/// <param name="Holds">Whether the claims are to be held, and not only looked at.</param>
/// <param name="Pass">Its way past the brake; null when it only asks, or there is no brake.</param>
internal readonly record struct AdmissionRequest(BillableRequest Request, OpenRouterBillingOptions Options, BillingGuardMode Mode, bool Holds, BrakePass? Pass = null);
