namespace OpenRouter.Billing;

/// <summary>What to change about a guardrail; everything that is not mentioned stays. Lists are replaced whole.</summary>
public sealed record GuardrailUpdate
{
    /// <summary>Gets the new name, of 1 to 200 characters. That of a workspace's default guardrail cannot be changed.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>name</c>.</remarks>
    public string? Name { get; init; }

    /// <summary>Gets what the guardrail is for, up to 1000 characters; <see langword="null"/> to remove it.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>description</c>.</remarks>
    public Change<string?> Description { get; init; }

    /// <summary>Gets the new limit in US dollars, or <see langword="null"/> to remove it together with <see cref="Reset"/>.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>limit_usd</c>.</remarks>
    public Change<decimal?> Limit { get; init; }

    /// <summary>Gets how often the window starts again, or <see langword="null"/> to remove it together with <see cref="Limit"/>.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>reset_interval</c>.</remarks>
    public Change<ResetInterval?> Reset { get; init; }

    /// <summary>Gets whether spending through the account's own provider keys counts.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>include_byok_in_budgets</c>.</remarks>
    public bool? IncludesByok { get; init; }

    /// <summary>Gets the only models that may be used; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>allowed_models</c>.</remarks>
    public Change<IReadOnlyList<string>?> AllowedModels { get; init; }

    /// <summary>Gets the models that may not be used; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>ignored_models</c>.</remarks>
    public Change<IReadOnlyList<string>?> IgnoredModels { get; init; }

    /// <summary>Gets the only providers that may be used; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>allowed_providers</c>.</remarks>
    public Change<IReadOnlyList<string>?> AllowedProviders { get; init; }

    /// <summary>Gets the providers that may not be used; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>ignored_providers</c>.</remarks>
    public Change<IReadOnlyList<string>?> IgnoredProviders { get; init; }

    /// <summary>Gets the regions through whose hosts requests may come, such as <c>europe</c>; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>allowed_data_regions</c>.</remarks>
    public Change<IReadOnlyList<string>?> AllowedDataRegions { get; init; }

    /// <summary>Gets whether free models may publish prompts; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>enable_free_model_publication</c>.</remarks>
    public Change<bool?> AllowsFreeModelPublication { get; init; }

    /// <summary>Gets whether free models may train on prompts; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>enable_free_model_training</c>.</remarks>
    public Change<bool?> AllowsFreeModelTraining { get; init; }

    /// <summary>Gets whether paid models may train on prompts; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>enable_paid_model_training</c>.</remarks>
    public Change<bool?> AllowsPaidModelTraining { get; init; }

    /// <summary>Gets whether only providers without data retention may be used, in the older form for all of them; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>enforce_zdr</c>.</remarks>
    public Change<bool?> EnforcesZeroDataRetention { get; init; }

    /// <summary>Gets whether Anthropic may be used only without data retention; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>enforce_zdr_anthropic</c>.</remarks>
    public Change<bool?> EnforcesZeroDataRetentionAtAnthropic { get; init; }

    /// <summary>Gets whether Google may be used only without data retention; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>enforce_zdr_google</c>.</remarks>
    public Change<bool?> EnforcesZeroDataRetentionAtGoogle { get; init; }

    /// <summary>Gets whether OpenAI may be used only without data retention; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>enforce_zdr_openai</c>.</remarks>
    public Change<bool?> EnforcesZeroDataRetentionAtOpenAI { get; init; }

    /// <summary>Gets whether xAI may be used only without data retention; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>enforce_zdr_xai</c>.</remarks>
    public Change<bool?> EnforcesZeroDataRetentionAtXAI { get; init; }

    /// <summary>Gets whether other providers may be used only without data retention; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>enforce_zdr_other</c>.</remarks>
    public Change<bool?> EnforcesZeroDataRetentionElsewhere { get; init; }

    /// <summary>Gets the patterns that are looked for in requests; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>content_filters</c>.</remarks>
    public Change<IReadOnlyList<ContentFilter>?> ContentFilters { get; init; }

    /// <summary>Gets OpenRouter's own filters that are switched on; <see langword="null"/> to remove that.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>content_filter_builtins</c>.</remarks>
    public Change<IReadOnlyList<BuiltinContentFilter>?> BuiltinContentFilters { get; init; }
}
