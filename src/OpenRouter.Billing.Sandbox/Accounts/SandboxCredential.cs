using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox;

/// <summary>A stored provider key. Of the key itself only its mask is kept, and it changes no bill here. Not thread-safe; the account's lock guards it.</summary>
internal sealed class SandboxCredential
{
    public required string Id { get; init; }
    public required string Provider { get; init; }
    public required string WorkspaceId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required int SortOrder { get; init; }
    public required string Label { get; set; }
    public string? Name { get; set; }
    public bool Disabled { get; set; }
    public bool IsFallback { get; set; }
    public bool IsRequired { get; set; }
    public bool IsByokOnly { get; set; }
    public bool? DeclaredZdr { get; set; }

    /// <summary>The lists of those who may use it; null for no restriction.</summary>
    public Dictionary<string, JsonNode?> Allowed { get; } = [];
}
