using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox;

/// <summary>A workspace and what belongs to it. Not thread-safe; the account's lock guards it.</summary>
internal sealed class SandboxWorkspace
{
    public required string Id { get; init; }
    public required string Name { get; set; }
    public required string Slug { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? UpdatedAt { get; set; }
    public bool IncludesByok { get; set; }
    public string DefaultGuardrailId { get; } = Guid.NewGuid().ToString();

    /// <summary>What is stored and given back without any effect here.</summary>
    public Dictionary<string, JsonNode?> Settings { get; } = [];

    /// <summary>The budgets by the last word of their address.</summary>
    public Dictionary<string, (SandboxBudget Budget, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)> Budgets { get; } = [];

    public List<(string Id, string UserId, DateTimeOffset CreatedAt)> Members { get; } = [];
}
