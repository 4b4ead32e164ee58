using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>A member as <c>/organization/members</c> shows it.</summary>
internal sealed record OrganizationMemberItem : IWireItem<OrganizationMember>
{
    public static string IdentityName => "id";

    [JsonIgnore]
    public string? Identity => Id;

    public string? Id { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Email { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? FirstName { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? LastName { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Role { get; init; }

    public OrganizationMember ToModel() => new()
    {
        UserId = Id!,
        Email = Email,
        FirstName = FirstName,
        LastName = LastName,
        Role = new OrganizationRole(Role ?? string.Empty),
    };
}
