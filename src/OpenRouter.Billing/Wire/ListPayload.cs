namespace OpenRouter.Billing.Wire;

/// <summary>A body with a list, whole or one page of it.</summary>
internal sealed record ListPayload<TItem, TModel> : IWirePayload
    where TItem : class, IWireItem<TModel>
{
    public IReadOnlyList<TItem?>? Data { get; init; }

    public string? FindMissing() =>
        Data is null ? "data"
        : Data.Any(item => string.IsNullOrEmpty(item?.Identity)) ? "data[]." + TItem.IdentityName
        : null;
}
