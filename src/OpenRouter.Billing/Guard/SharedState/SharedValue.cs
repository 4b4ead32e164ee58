namespace OpenRouter.Billing.Guard;

/// <summary>A value that processes share, as it was when read.</summary>
/// <param name="Text">The value.</param>
/// <param name="Version">What to write it anew with; at least 1.</param>
/// <param name="Age">How long ago it was written, by the clock of whatever keeps it, so that the readers' clocks do not matter.</param>
public sealed record SharedValue(string Text, long Version, TimeSpan Age);
