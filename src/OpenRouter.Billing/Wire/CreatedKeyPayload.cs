namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>POST /keys</c>, the only one that ever holds a whole key.</summary>
internal sealed class CreatedKeyPayload : IWirePayload
{
    public KeyItem? Data { get; init; }

    public string? Key { get; init; }

    public string? FindMissing() =>
        Data is null ? "data" : string.IsNullOrEmpty(Data.Hash) ? "data.hash" : string.IsNullOrWhiteSpace(Key) ? "key" : null;

    public NewKey ToNewKey() => new(Data!.ToModel(), Key!);
}
