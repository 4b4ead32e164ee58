namespace OpenRouter.Billing.Wire;

/// <summary>The body of every DELETE.</summary>
internal sealed record DeletedPayload(bool? Deleted) : IWirePayload
{
    public string? FindMissing() => Deleted is true ? null : "deleted";
}
