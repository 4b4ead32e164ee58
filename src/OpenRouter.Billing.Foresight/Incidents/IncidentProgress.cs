namespace OpenRouter.Billing.Foresight;

/// <summary>How far a gathering is.</summary>
/// <param name="Done">Steps that are done.</param>
/// <param name="Total">Steps that there are.</param>
/// <param name="What">What was done last, in a few words.</param>
public readonly record struct IncidentProgress(int Done, int Total, string What);
