using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>What <c>PATCH /keys/{hash}</c> is sent: only what changes.</summary>
internal sealed record KeyUpdatePayload
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<decimal?>))]
    public Change<decimal?> Limit { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<string>))]
    public Change<string?> LimitReset { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IncludeByokInLimit { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Disabled { get; init; }

    public static KeyUpdatePayload From(KeyUpdate update) => new()
    {
        Name = update.Name,
        Limit = update.Limit.To(usd => SentMoney.Of(usd, nameof(update.Limit))),
        LimitReset = update.Reset.To(interval => interval?.Value),
        IncludeByokInLimit = update.IncludesByokInLimit,
        Disabled = update.IsDisabled,
    };
}
