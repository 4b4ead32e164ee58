namespace OpenRouter.Billing.Sandbox;

/// <summary>What analytics adds up: one answered request, or one seeded row of past activity.</summary>
internal sealed record MeteredUsage
{
    public required DateTimeOffset At { get; init; }

    public required string Model { get; init; }

    public string? GenerationId { get; init; }

    public string? KeyHash { get; init; }

    public required string UserId { get; init; }

    public required string WorkspaceId { get; init; }

    public required decimal Usage { get; init; }

    public required long Requests { get; init; }

    public required long PromptTokens { get; init; }

    public required long CompletionTokens { get; init; }

    public long ReasoningTokens { get; init; }
}
