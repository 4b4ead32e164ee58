namespace OpenRouter.Billing.Sandbox;

/// <summary>A row of past activity: what one key spent on one model on one UTC day.</summary>
public sealed record SandboxActivity
{
    /// <summary>Gets the UTC day.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>Gets the model's id.</summary>
    public required string Model { get; init; }

    /// <summary>Gets what was spent.</summary>
    /// <value>US dollars.</value>
    public required decimal Usage { get; init; }

    /// <summary>Gets how many requests were made.</summary>
    /// <value>Requests; 1 by default.</value>
    public int Requests { get; init; } = 1;

    /// <summary>Gets the size of the prompts.</summary>
    /// <value>Tokens; 0 by default.</value>
    public long PromptTokens { get; init; }

    /// <summary>Gets the size of the answers.</summary>
    /// <value>Tokens, reasoning included; 0 by default.</value>
    public long CompletionTokens { get; init; }

    /// <summary>Gets how much of the answers was reasoning.</summary>
    /// <value>Tokens; 0 by default.</value>
    public long ReasoningTokens { get; init; }

    /// <summary>Gets what the caller's own provider keys spent.</summary>
    /// <value>US dollars; 0 by default.</value>
    public decimal ByokUsage { get; init; }

    /// <summary>Gets the key that spent it.</summary>
    /// <value><see langword="null"/> (the default) when none is to be found by the <c>api_key_hash</c> filter.</value>
    public string? KeyHash { get; init; }

    /// <summary>Gets the member that spent it.</summary>
    /// <value><see langword="null"/> (the default) for the account's owner.</value>
    public string? UserId { get; init; }

    /// <summary>Gets the workspace that spent it.</summary>
    /// <value><see langword="null"/> (the default) for the default workspace.</value>
    public string? WorkspaceId { get; init; }

    internal static SandboxActivity Of(SandboxGeneration generation) => new()
    {
        Date = DateOnly.FromDateTime(generation.CreatedAt.UtcDateTime),
        Model = generation.Model,
        Usage = generation.Cost,
        PromptTokens = generation.PromptTokens,
        CompletionTokens = generation.CompletionTokens,
        KeyHash = generation.KeyHash,
        UserId = generation.Key.CreatorUserId,
        WorkspaceId = generation.Key.WorkspaceId,
    };
}
