namespace OpenRouter.Billing;

/// <summary>A guardrail to be made. It binds nobody until it is assigned.</summary>
public sealed record GuardrailDraft
{
    /// <summary>Gets the name, of 1 to 200 characters.</summary>
    /// <remarks>Sent as <c>name</c>.</remarks>
    public required string Name { get; init; }

    /// <summary>Gets the workspace to make it in.</summary>
    /// <value><see langword="null"/> by default: the account's default workspace.</value>
    /// <remarks>Sent as <c>workspace_id</c>.</remarks>
    public Guid? WorkspaceId { get; init; }

    /// <summary>Gets what the guardrail is for, up to 1000 characters.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent as <c>description</c>.</remarks>
    public string? Description { get; init; }

    /// <summary>Gets how much each assigned key, and each assigned member, may spend in one window.</summary>
    /// <value>US dollars, not negative; <see langword="null"/> by default for no limit. Together with <see cref="Reset"/>, or neither.</value>
    /// <remarks>Sent as <c>limit_usd</c>.</remarks>
    public decimal? Limit { get; init; }

    /// <summary>Gets how often the window starts again.</summary>
    /// <value><see langword="null"/> by default. Together with <see cref="Limit"/>, or neither.</value>
    /// <remarks>Sent as <c>reset_interval</c>.</remarks>
    public ResetInterval? Reset { get; init; }

    /// <summary>Gets whether spending through the account's own provider keys counts.</summary>
    /// <value><see langword="null"/> by default: as OpenRouter has it.</value>
    /// <remarks>Sent as <c>include_byok_in_budgets</c>.</remarks>
    public bool? IncludesByok { get; init; }

    /// <summary>Gets the only models that may be used.</summary>
    /// <value><see langword="null"/> by default. At least one entry.</value>
    /// <remarks>Sent as <c>allowed_models</c>.</remarks>
    public IReadOnlyList<string>? AllowedModels { get; init; }

    /// <summary>Gets the models that may not be used.</summary>
    /// <value><see langword="null"/> by default. At least one entry.</value>
    /// <remarks>Sent as <c>ignored_models</c>.</remarks>
    public IReadOnlyList<string>? IgnoredModels { get; init; }

    /// <summary>Gets the only providers that may be used.</summary>
    /// <value><see langword="null"/> by default. At least one entry.</value>
    /// <remarks>Sent as <c>allowed_providers</c>.</remarks>
    public IReadOnlyList<string>? AllowedProviders { get; init; }

    /// <summary>Gets the providers that may not be used.</summary>
    /// <value><see langword="null"/> by default. At least one entry.</value>
    /// <remarks>Sent as <c>ignored_providers</c>.</remarks>
    public IReadOnlyList<string>? IgnoredProviders { get; init; }

    /// <summary>Gets the regions through whose hosts requests may come, such as <c>europe</c>.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent as <c>allowed_data_regions</c>.</remarks>
    public IReadOnlyList<string>? AllowedDataRegions { get; init; }

    /// <summary>Gets whether free models may publish prompts.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent as <c>enable_free_model_publication</c>.</remarks>
    public bool? AllowsFreeModelPublication { get; init; }

    /// <summary>Gets whether free models may train on prompts.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent as <c>enable_free_model_training</c>.</remarks>
    public bool? AllowsFreeModelTraining { get; init; }

    /// <summary>Gets whether paid models may train on prompts.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent as <c>enable_paid_model_training</c>.</remarks>
    public bool? AllowsPaidModelTraining { get; init; }

    /// <summary>Gets whether only providers without data retention may be used, in the older form for all of them.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent as <c>enforce_zdr</c>.</remarks>
    public bool? EnforcesZeroDataRetention { get; init; }

    /// <summary>Gets whether Anthropic may be used only without data retention.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent as <c>enforce_zdr_anthropic</c>.</remarks>
    public bool? EnforcesZeroDataRetentionAtAnthropic { get; init; }

    /// <summary>Gets whether Google may be used only without data retention.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent as <c>enforce_zdr_google</c>.</remarks>
    public bool? EnforcesZeroDataRetentionAtGoogle { get; init; }

    /// <summary>Gets whether OpenAI may be used only without data retention.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent as <c>enforce_zdr_openai</c>.</remarks>
    public bool? EnforcesZeroDataRetentionAtOpenAI { get; init; }

    /// <summary>Gets whether xAI may be used only without data retention.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent as <c>enforce_zdr_xai</c>.</remarks>
    public bool? EnforcesZeroDataRetentionAtXAI { get; init; }

    /// <summary>Gets whether other providers may be used only without data retention.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent as <c>enforce_zdr_other</c>.</remarks>
    public bool? EnforcesZeroDataRetentionElsewhere { get; init; }

    /// <summary>Gets the patterns that are looked for in requests.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent as <c>content_filters</c>.</remarks>
    public IReadOnlyList<ContentFilter>? ContentFilters { get; init; }

    /// <summary>Gets OpenRouter's own filters that are switched on.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent as <c>content_filter_builtins</c>.</remarks>
    public IReadOnlyList<BuiltinContentFilter>? BuiltinContentFilters { get; init; }
}
