namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>GET /model/{author}/{slug}</c>.</summary>
internal sealed record ModelPayload(ModelsPayload.Model? Data) : IWirePayload
{
    public string? FindMissing() => Data is null ? "data" : string.IsNullOrEmpty(Data.Id) ? "data.id" : null;

    public ModelListing ToModelListing() => Data!.ToModelListing(Data.Id!);
}
