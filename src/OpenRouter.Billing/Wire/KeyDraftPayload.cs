using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>What <c>POST /keys</c> is sent.</summary>
internal sealed record KeyDraftPayload
{
    public required string Name { get; init; }

    // Left out and null mean the same for a new key: none.
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Limit { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LimitReset { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IncludeByokInLimit { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ExpiresAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? WorkspaceId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CreatorUserId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Identity? External { get; init; }

    public static KeyDraftPayload From(KeyDraft draft)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(draft.Name, nameof(draft.Name));
        return new KeyDraftPayload
        {
            Name = draft.Name,
            Limit = SentMoney.Of(draft.Limit, nameof(draft.Limit)),
            LimitReset = draft.Reset?.Value,
            IncludeByokInLimit = draft.IncludesByokInLimit,
            ExpiresAt = SentInstant.Of(draft.ExpiresAt, nameof(draft.ExpiresAt)),
            WorkspaceId = draft.WorkspaceId,
            CreatorUserId = draft.CreatorUserId,
            External = draft.ExternalUser is { } user ? new Identity(user) : null,
        };
    }

    internal sealed record Identity(string User);
}
