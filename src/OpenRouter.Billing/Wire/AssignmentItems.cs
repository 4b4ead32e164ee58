using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>A key that a guardrail binds.</summary>
internal sealed record KeyAssignmentItem : IWireItem<GuardrailKeyAssignment>
{
    public static string IdentityName => "id";

    [JsonIgnore]
    public string? Identity => Id;

    public string? Id { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? GuardrailId { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? KeyHash { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? KeyName { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? KeyLabel { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? AssignedBy { get; init; }

    [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
    public DateTimeOffset? CreatedAt { get; init; }

    public GuardrailKeyAssignment ToModel() => new()
    {
        Id = Id!,
        GuardrailId = GuardrailId,
        KeyHash = KeyHash,
        KeyName = KeyName,
        KeyLabel = KeyLabel,
        AssignedBy = AssignedBy,
        CreatedAt = CreatedAt,
    };
}

/// <summary>A member whom a guardrail binds.</summary>
internal sealed record MemberAssignmentItem : IWireItem<GuardrailMemberAssignment>
{
    public static string IdentityName => "id";

    [JsonIgnore]
    public string? Identity => Id;

    public string? Id { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? GuardrailId { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? UserId { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? OrganizationId { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? AssignedBy { get; init; }

    [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
    public DateTimeOffset? CreatedAt { get; init; }

    public GuardrailMemberAssignment ToModel() => new()
    {
        Id = Id!,
        GuardrailId = GuardrailId,
        UserId = UserId,
        OrganizationId = OrganizationId,
        AssignedBy = AssignedBy,
        CreatedAt = CreatedAt,
    };
}

/// <summary>What assigning keys is sent.</summary>
internal sealed record KeyHashesPayload(IReadOnlyList<string> KeyHashes);

/// <summary>What assigning members is sent.</summary>
internal sealed record MemberUserIdsPayload(IReadOnlyList<string> MemberUserIds);
