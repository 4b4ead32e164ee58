using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox;

/// <summary>A guardrail. Here only its money binds; the rest is stored and given back. Not thread-safe; the account's lock guards it.</summary>
internal sealed class SandboxGuardrail
{
    public required string Id { get; init; }
    public required string Name { get; set; }
    public required string WorkspaceId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? UpdatedAt { get; set; }
    public decimal? Limit { get; set; }
    public string? ResetInterval { get; set; }
    public bool IncludesByok { get; set; }

    /// <summary>What is stored and given back without any effect here.</summary>
    public Dictionary<string, JsonNode?> Settings { get; } = [];

    /// <summary>Hashes of keys, with the id and time of their assignment.</summary>
    public Dictionary<string, (string Id, DateTimeOffset At)> Keys { get; } = [];

    /// <summary>User ids, with the id and time of their assignment.</summary>
    public Dictionary<string, (string Id, DateTimeOffset At)> Members { get; } = [];
}
