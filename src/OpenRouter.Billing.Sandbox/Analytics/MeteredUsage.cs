namespace OpenRouter.Billing.Sandbox;

/// <summary>What analytics adds up: one answered request, or one seeded row of past activity.</summary>
internal sealed record MeteredUsage
{
    public required DateTimeOffset At { get; init; }

    public required string Model { get; init; }

    public string? GenerationId { get; init; }

    public string? KeyHash { get; init; }

    public required string? UserId { get; init; }

    public required string? WorkspaceId { get; init; }

    public required decimal Usage { get; init; }

    public required long Requests { get; init; }

    public required long PromptTokens { get; init; }

    public required long CompletionTokens { get; init; }

    public long ReasoningTokens { get; init; }

    /// <summary>A seeded row is put at the start of its day.</summary>
    public static MeteredUsage Of(SandboxActivity row) => new()
    {
        At = new DateTimeOffset(row.Date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero),
        Model = row.Model,
        KeyHash = row.KeyHash,
        UserId = row.UserId,
        WorkspaceId = row.WorkspaceId,
        Usage = row.Usage,
        Requests = row.Requests,
        PromptTokens = row.PromptTokens,
        CompletionTokens = row.CompletionTokens,
        ReasoningTokens = row.ReasoningTokens,
    };

    public static MeteredUsage Of(SandboxGeneration generation) => new()
    {
        At = generation.CreatedAt,
        Model = generation.Model,
        GenerationId = generation.Id,
        KeyHash = generation.KeyHash,
        UserId = generation.Key.CreatorUserId,
        WorkspaceId = generation.Key.WorkspaceId,
        Usage = generation.Cost,
        Requests = 1,
        PromptTokens = generation.PromptTokens,
        CompletionTokens = generation.CompletionTokens,
    };
}
