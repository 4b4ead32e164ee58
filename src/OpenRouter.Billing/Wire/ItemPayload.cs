namespace OpenRouter.Billing.Wire;

/// <summary>A body with one object.</summary>
internal sealed record ItemPayload<TItem, TModel> : IWirePayload
    where TItem : class, IWireItem<TModel>
{
    public TItem? Data { get; init; }

    public string? FindMissing() =>
        Data is null ? "data" : string.IsNullOrEmpty(Data.Identity) ? "data." + TItem.IdentityName : null;

    public TModel ToModel() => Data!.ToModel();
}
