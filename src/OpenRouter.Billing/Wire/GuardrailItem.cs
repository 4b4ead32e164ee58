using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>A guardrail as <c>/guardrails</c> shows it.</summary>
internal sealed record GuardrailItem : IWireItem<Guardrail>
{
    public static string IdentityName => "id";

    [JsonIgnore]
    public string? Identity => Id;

    public string? Id { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Name { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Description { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? WorkspaceId { get; init; }

    public decimal? LimitUsd { get; init; }

    public string? ResetInterval { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? IncludeByokInBudgets { get; init; }

    [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
    public DateTimeOffset? CreatedAt { get; init; }

    [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
    public DateTimeOffset? UpdatedAt { get; init; }

    [JsonConverter(typeof(OrNullConverter<IReadOnlyList<string?>>))]
    public IReadOnlyList<string?>? AllowedModels { get; init; }

    [JsonConverter(typeof(OrNullConverter<IReadOnlyList<string?>>))]
    public IReadOnlyList<string?>? IgnoredModels { get; init; }

    [JsonConverter(typeof(OrNullConverter<IReadOnlyList<string?>>))]
    public IReadOnlyList<string?>? AllowedProviders { get; init; }

    [JsonConverter(typeof(OrNullConverter<IReadOnlyList<string?>>))]
    public IReadOnlyList<string?>? IgnoredProviders { get; init; }

    [JsonConverter(typeof(OrNullConverter<IReadOnlyList<string?>>))]
    public IReadOnlyList<string?>? AllowedDataRegions { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? EnableFreeModelPublication { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? EnableFreeModelTraining { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? EnablePaidModelTraining { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? EnforceZdr { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? EnforceZdrAnthropic { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? EnforceZdrGoogle { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? EnforceZdrOpenai { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? EnforceZdrXai { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? EnforceZdrOther { get; init; }

    [JsonConverter(typeof(OrNullConverter<IReadOnlyList<FilterItem?>>))]
    public IReadOnlyList<FilterItem?>? ContentFilters { get; init; }

    [JsonConverter(typeof(OrNullConverter<IReadOnlyList<BuiltinFilterItem?>>))]
    public IReadOnlyList<BuiltinFilterItem?>? ContentFilterBuiltins { get; init; }

    public Guardrail ToModel() => new()
    {
        Id = Id!,
        Name = Name,
        Description = Description,
        WorkspaceId = WorkspaceId,
        Limit = LimitUsd,
        Reset = ResetInterval is { } word ? new ResetInterval(word) : null,
        IncludesByok = IncludeByokInBudgets,
        AllowedModels = Words(AllowedModels),
        IgnoredModels = Words(IgnoredModels),
        AllowedProviders = Words(AllowedProviders),
        IgnoredProviders = Words(IgnoredProviders),
        AllowedDataRegions = Words(AllowedDataRegions),
        AllowsFreeModelPublication = EnableFreeModelPublication,
        AllowsFreeModelTraining = EnableFreeModelTraining,
        AllowsPaidModelTraining = EnablePaidModelTraining,
        EnforcesZeroDataRetention = EnforceZdr,
        EnforcesZeroDataRetentionAtAnthropic = EnforceZdrAnthropic,
        EnforcesZeroDataRetentionAtGoogle = EnforceZdrGoogle,
        EnforcesZeroDataRetentionAtOpenAI = EnforceZdrOpenai,
        EnforcesZeroDataRetentionAtXAI = EnforceZdrXai,
        EnforcesZeroDataRetentionElsewhere = EnforceZdrOther,
        ContentFilters = ContentFilters?.OfType<FilterItem>().Select(filter => filter.ToContentFilter()).ToArray(),
        BuiltinContentFilters = ContentFilterBuiltins?.OfType<BuiltinFilterItem>().Select(filter => filter.ToBuiltinContentFilter()).ToArray(),
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
    };

    private static string[]? Words(IReadOnlyList<string?>? words) => words?.OfType<string>().ToArray();
}
