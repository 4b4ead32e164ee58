using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>A key as <c>/keys</c> shows it.</summary>
internal sealed record KeyItem : IWireItem<ApiKey>
{
    public static string IdentityName => "hash";

    [JsonIgnore]
    public string? Identity => Hash;

    public string? Hash { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Name { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Label { get; init; }

    public bool? Disabled { get; init; }

    [JsonConverter(typeof(SentDecimalConverter))]
    public Sent<decimal?> Limit { get; init; }

    public decimal? LimitRemaining { get; init; }

    public string? LimitReset { get; init; }

    [JsonConverter(typeof(OrNullConverter<bool?>))]
    public bool? IncludeByokInLimit { get; init; }

    [JsonConverter(typeof(OrNullConverter<decimal?>))]
    public decimal? Usage { get; init; }

    [JsonConverter(typeof(OrNullConverter<decimal?>))]
    public decimal? UsageDaily { get; init; }

    [JsonConverter(typeof(OrNullConverter<decimal?>))]
    public decimal? UsageWeekly { get; init; }

    [JsonConverter(typeof(OrNullConverter<decimal?>))]
    public decimal? UsageMonthly { get; init; }

    [JsonConverter(typeof(OrNullConverter<decimal?>))]
    public decimal? ByokUsage { get; init; }

    [JsonConverter(typeof(OrNullConverter<decimal?>))]
    public decimal? ByokUsageDaily { get; init; }

    [JsonConverter(typeof(OrNullConverter<decimal?>))]
    public decimal? ByokUsageWeekly { get; init; }

    [JsonConverter(typeof(OrNullConverter<decimal?>))]
    public decimal? ByokUsageMonthly { get; init; }

    [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
    public DateTimeOffset? CreatedAt { get; init; }

    [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
    public DateTimeOffset? UpdatedAt { get; init; }

    [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? CreatorUserId { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? WorkspaceId { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? ExternalUser { get; init; }

    public ApiKey ToModel() => new()
    {
        Hash = Hash!,
        Name = Name,
        Label = Label,
        IsDisabled = Disabled,
        IsLimitKnown = Limit.WasSent,
        Limit = Limit.Value,
        Remaining = LimitRemaining,
        Reset = LimitReset is { } word ? new ResetInterval(word) : null,
        IncludesByokInLimit = IncludeByokInLimit,
        Usage = new KeyUsage { Total = Usage, Today = UsageDaily, ThisWeek = UsageWeekly, ThisMonth = UsageMonthly },
        ByokUsage = new KeyUsage { Total = ByokUsage, Today = ByokUsageDaily, ThisWeek = ByokUsageWeekly, ThisMonth = ByokUsageMonthly },
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        LastUsedAt = LastUsedAt,
        ExpiresAt = ExpiresAt,
        CreatorUserId = CreatorUserId,
        WorkspaceId = WorkspaceId,
        ExternalUser = ExternalUser,
    };
}
