using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>A stored provider key as <c>/byok</c> shows it.</summary>
internal sealed record ByokItem : IWireItem<ByokCredential>
{
    public static string IdentityName => "id";

    [JsonIgnore]
    public string? Identity => Id;

    public string? Id { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Provider { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? WorkspaceId { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Label { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Name { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? Disabled { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? IsFallback { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? IsRequired { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? IsByokOnly { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? DeclaredZdr { get; init; }

    [JsonConverter(typeof(OrNullConverter<long?>))]
    public long? SortOrder { get; init; }

    [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
    public DateTimeOffset? CreatedAt { get; init; }

    // Whom a credential serves is no matter to guess about: a list that cannot be read is no answer.
    public IReadOnlyList<string?>? AllowedModels { get; init; }

    public IReadOnlyList<string?>? AllowedApiKeyHashes { get; init; }

    public IReadOnlyList<string?>? AllowedUserIds { get; init; }

    public ByokCredential ToModel() => new()
    {
        Id = Id!,
        Provider = Provider,
        WorkspaceId = WorkspaceId,
        Label = Label,
        Name = Name,
        IsDisabled = Disabled,
        IsFallback = IsFallback,
        IsRequired = IsRequired,
        IsByokOnly = IsByokOnly,
        DeclaresZeroDataRetention = DeclaredZdr,
        SortOrder = SortOrder,
        AllowedModels = Words(AllowedModels),
        AllowedKeyHashes = Words(AllowedApiKeyHashes),
        AllowedUserIds = Words(AllowedUserIds),
        CreatedAt = CreatedAt,
    };

    private static string[]? Words(IReadOnlyList<string?>? words) => words?.OfType<string>().ToArray();
}
