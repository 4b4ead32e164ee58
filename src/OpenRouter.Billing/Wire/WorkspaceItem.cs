using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>A workspace as <c>/workspaces</c> shows it.</summary>
internal sealed record WorkspaceItem : IWireItem<Workspace>
{
    public static string IdentityName => "id";

    [JsonIgnore]
    public string? Identity => Id;

    public string? Id { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Name { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Slug { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Description { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? DefaultGuardrailId { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? DefaultTextModel { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? DefaultImageModel { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? DefaultProviderSort { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? IsDataDiscountLoggingEnabled { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? IsObservabilityBroadcastEnabled { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? IsObservabilityIoLoggingEnabled { get; init; }

    [JsonConverter(typeof(OrNullConverter<decimal?>))]
    public decimal? IoLoggingSamplingRate { get; init; }

    [JsonConverter(typeof(OrNullConverter<IReadOnlyList<long>>))]
    public IReadOnlyList<long>? IoLoggingApiKeyIds { get; init; }

    [JsonConverter(typeof(OrNullConverter<IReadOnlyList<string?>>))]
    public IReadOnlyList<string?>? DisabledServerTools { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? IncludeByokInBudgets { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? CreatedBy { get; init; }

    [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
    public DateTimeOffset? CreatedAt { get; init; }

    [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
    public DateTimeOffset? UpdatedAt { get; init; }

    public Workspace ToModel() => new()
    {
        Id = Id!,
        Name = Name,
        Slug = Slug,
        Description = Description,
        DefaultGuardrailId = DefaultGuardrailId,
        DefaultTextModel = DefaultTextModel,
        DefaultImageModel = DefaultImageModel,
        DefaultProviderSort = DefaultProviderSort,
        IsDataDiscountLoggingEnabled = IsDataDiscountLoggingEnabled,
        IsObservabilityBroadcastEnabled = IsObservabilityBroadcastEnabled,
        IsIOLoggingEnabled = IsObservabilityIoLoggingEnabled,
        IOLoggingSamplingRate = IoLoggingSamplingRate,
        IOLoggingKeyIds = IoLoggingApiKeyIds,
        DisabledServerTools = DisabledServerTools?.OfType<string>().ToArray(),
        IncludesByokInBudgets = IncludeByokInBudgets,
        CreatedBy = CreatedBy,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
    };
}
