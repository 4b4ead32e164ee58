namespace OpenRouter.Billing.Foresight;

/// <summary>Where one figure stands to one threshold.</summary>
/// <param name="Group">What the figure is of; of several thresholds that are passed at once, the tightest is told.</param>
/// <param name="Rule">Which threshold.</param>
/// <param name="Window">For how long it is told once; null for until the figure has come back far enough.</param>
/// <param name="Standing">Where the figure stands.</param>
/// <param name="Tightness">Orders the thresholds of a group: the higher, the worse it is to have passed it.</param>
/// <param name="Notice">What to tell.</param>
internal sealed record AlertCondition(string Group, string Rule, string? Window, AlertStanding Standing, decimal Tightness, AlertNotice Notice);
