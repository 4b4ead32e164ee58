namespace OpenRouter.Billing.Sandbox;

/// <summary>The faults that meet one request.</summary>
internal sealed class FaultPlan(IReadOnlyList<SandboxFault> faults)
{
    public static FaultPlan None { get; } = new([]);

    public TimeSpan ChunkDelay => Of(FaultKind.ChunkDelay)?.Time ?? TimeSpan.Zero;

    public bool Truncates => Of(FaultKind.Truncate) is not null;

    public SandboxFault? StreamError => Of(FaultKind.StreamError);

    /// <summary>The fault that takes the place of the answer, before or after a completion is booked.</summary>
    public SandboxFault? Replacement(bool billed) => faults.FirstOrDefault(fault =>
        fault.IsBilled == billed && fault.Kind is FaultKind.Answer or FaultKind.ErrorInBody or FaultKind.Disconnect or FaultKind.Hang);

    /// <summary>Waits for delays and gates, in the order in which they were added.</summary>
    public async Task HoldAsync(TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        foreach (SandboxFault fault in faults)
        {
            if (fault.Kind == FaultKind.Delay)
            {
                await Task.Delay(fault.Time, timeProvider, cancellationToken).ConfigureAwait(false);
            }
            else if (fault.Kind == FaultKind.Gate)
            {
                await fault.PassAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private SandboxFault? Of(FaultKind kind) => faults.FirstOrDefault(fault => fault.Kind == kind);
}
