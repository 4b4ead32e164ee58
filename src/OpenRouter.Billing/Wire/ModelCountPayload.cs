namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>GET /models/count</c>.</summary>
internal sealed record ModelCountPayload(ModelCountPayload.Total? Data) : IWirePayload
{
    public string? FindMissing() => Data is null ? "data" : Data.Count is null ? "data.count" : null;

    public long ToCount() => Data!.Count!.Value;

    internal sealed record Total(long? Count);
}
