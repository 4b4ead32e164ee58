using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>A member as <c>/workspaces/{id}/members</c> shows it.</summary>
internal sealed record WorkspaceMemberItem : IWireItem<WorkspaceMember>
{
    public static string IdentityName => "user_id";

    [JsonIgnore]
    public string? Identity => UserId;

    public string? UserId { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Id { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? WorkspaceId { get; init; }

    [JsonConverter(typeof(OrNullConverter<string>))]
    public string? Role { get; init; }

    [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
    public DateTimeOffset? CreatedAt { get; init; }

    public WorkspaceMember ToModel() => new()
    {
        Id = Id,
        UserId = UserId!,
        WorkspaceId = WorkspaceId,
        Role = new WorkspaceRole(Role ?? string.Empty),
        CreatedAt = CreatedAt,
    };
}

/// <summary>What adding and removing members is sent.</summary>
internal sealed record UserIdsPayload(IReadOnlyList<string> UserIds);
