using Polly;

namespace OpenRouter.Billing.Wire;

/// <summary>What the attempts of one call have met so far.</summary>
/// <param name="call">The call.</param>
/// <param name="startedAt">When it began, as a timestamp of the clock.</param>
internal sealed class CallState(BillingCall call, long startedAt)
{
    public static readonly ResiliencePropertyKey<CallState> Key = new("OpenRouter.Billing.CallState");

    public BillingCall Call => call;

    public long StartedAt => startedAt;

    /// <summary>Gets or sets the last answer, if it was one whose fault may pass.</summary>
    public WireAnswer? LastAnswer { get; set; }

    public Exception? LastFault { get; set; }

    /// <summary>Gets or sets what became of the first attempt, for the repeats to start from.</summary>
    public Outcome<WireAnswer>? First { get; set; }
}
