namespace OpenRouter.Billing;

/// <summary>A guardrail: what the keys and members that it is assigned to may spend and use. It binds nobody until it is assigned.</summary>
/// <remarks>Read from <c>data</c> of <c>GET /guardrails</c> and <c>GET /guardrails/{id}</c>. What was spent shows only in <see cref="ApiKeyStatus.Budgets"/>.</remarks>
public sealed record Guardrail
{
    /// <summary>Gets the guardrail's id, a UUID.</summary>
    /// <remarks>Read from <c>id</c>.</remarks>
    public required string Id { get; init; }

    /// <summary>Gets the guardrail's name.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>name</c>.</remarks>
    public string? Name { get; init; }

    /// <summary>Gets what the guardrail is for.</summary>
    /// <value><see langword="null"/> when nobody wrote it down.</value>
    /// <remarks>Read from <c>description</c>.</remarks>
    public string? Description { get; init; }

    /// <summary>Gets the id of the workspace.</summary>
    /// <value><see langword="null"/> for an old guardrail that lies in none, which is not the default workspace.</value>
    /// <remarks>Read from <c>workspace_id</c>.</remarks>
    public string? WorkspaceId { get; init; }

    /// <summary>Gets how much each assigned key, and each assigned member, may spend in one window.</summary>
    /// <value>US dollars; <see langword="null"/> without a limit.</value>
    /// <remarks>Read from <c>limit_usd</c>.</remarks>
    public decimal? Limit { get; init; }

    /// <summary>Gets how often the window starts again.</summary>
    /// <value><see langword="null"/> without a limit.</value>
    /// <remarks>Read from <c>reset_interval</c>.</remarks>
    public ResetInterval? Reset { get; init; }

    /// <summary>Gets whether spending through the account's own provider keys counts.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>include_byok_in_budgets</c>.</remarks>
    public bool? IncludesByok { get; init; }

    /// <summary>Gets the only models that may be used.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>allowed_models</c>.</remarks>
    public IReadOnlyList<string>? AllowedModels { get; init; }

    /// <summary>Gets the models that may not be used.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>ignored_models</c>.</remarks>
    public IReadOnlyList<string>? IgnoredModels { get; init; }

    /// <summary>Gets the only providers that may be used.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>allowed_providers</c>.</remarks>
    public IReadOnlyList<string>? AllowedProviders { get; init; }

    /// <summary>Gets the providers that may not be used.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>ignored_providers</c>.</remarks>
    public IReadOnlyList<string>? IgnoredProviders { get; init; }

    /// <summary>Gets the regions through whose hosts requests may come, such as <c>europe</c>.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>allowed_data_regions</c>.</remarks>
    public IReadOnlyList<string>? AllowedDataRegions { get; init; }

    /// <summary>Gets whether free models may publish prompts.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>enable_free_model_publication</c>.</remarks>
    public bool? AllowsFreeModelPublication { get; init; }

    /// <summary>Gets whether free models may train on prompts.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>enable_free_model_training</c>.</remarks>
    public bool? AllowsFreeModelTraining { get; init; }

    /// <summary>Gets whether paid models may train on prompts.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>enable_paid_model_training</c>.</remarks>
    public bool? AllowsPaidModelTraining { get; init; }

    /// <summary>Gets whether only providers without data retention may be used, in the older form for all of them.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>enforce_zdr</c>.</remarks>
    public bool? EnforcesZeroDataRetention { get; init; }

    /// <summary>Gets whether Anthropic may be used only without data retention.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>enforce_zdr_anthropic</c>.</remarks>
    public bool? EnforcesZeroDataRetentionAtAnthropic { get; init; }

    /// <summary>Gets whether Google may be used only without data retention.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>enforce_zdr_google</c>.</remarks>
    public bool? EnforcesZeroDataRetentionAtGoogle { get; init; }

    /// <summary>Gets whether OpenAI may be used only without data retention.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>enforce_zdr_openai</c>.</remarks>
    public bool? EnforcesZeroDataRetentionAtOpenAI { get; init; }

    /// <summary>Gets whether xAI may be used only without data retention.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>enforce_zdr_xai</c>.</remarks>
    public bool? EnforcesZeroDataRetentionAtXAI { get; init; }

    /// <summary>Gets whether other providers may be used only without data retention.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>enforce_zdr_other</c>.</remarks>
    public bool? EnforcesZeroDataRetentionElsewhere { get; init; }

    /// <summary>Gets the patterns that are looked for in requests.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>content_filters</c>.</remarks>
    public IReadOnlyList<ContentFilter>? ContentFilters { get; init; }

    /// <summary>Gets OpenRouter's own filters that are switched on.</summary>
    /// <value><see langword="null"/> when the guardrail says nothing about it.</value>
    /// <remarks>Read from <c>content_filter_builtins</c>.</remarks>
    public IReadOnlyList<BuiltinContentFilter>? BuiltinContentFilters { get; init; }

    /// <summary>Gets when the guardrail was made.</summary>
    /// <value>UTC; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>created_at</c>.</remarks>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Gets when the guardrail was last changed.</summary>
    /// <value>UTC; <see langword="null"/> when never.</value>
    /// <remarks>Read from <c>updated_at</c>.</remarks>
    public DateTimeOffset? UpdatedAt { get; init; }
}
