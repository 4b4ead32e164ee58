namespace OpenRouter.Billing;

/// <summary>One answer as OpenRouter has written it down: what it cost, and what for.</summary>
/// <remarks>Read from <c>data</c> of <c>GET /generation</c>.</remarks>
public sealed record Generation
{
    /// <summary>Gets the id of the answer.</summary>
    /// <remarks>Read from <c>id</c>.</remarks>
    public required string Id { get; init; }

    /// <summary>Gets what was charged to the account, fees included.</summary>
    /// <value>US dollars.</value>
    /// <remarks>Read from <c>total_cost</c>.</remarks>
    public required decimal TotalCost { get; init; }

    /// <summary>Gets the credits used, which every record seen repeats from <see cref="TotalCost"/>.</summary>
    /// <value>US dollars; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>usage</c>.</remarks>
    public decimal? Usage { get; init; }

    /// <summary>Gets what the provider charges on the account's own key.</summary>
    /// <value>US dollars, not part of <see cref="TotalCost"/>; only meaningful when <see cref="IsByok"/> is true, else 0, null or a repetition.</value>
    /// <remarks>Read from <c>upstream_inference_cost</c>.</remarks>
    public decimal? UpstreamInferenceCost { get; init; }

    /// <summary>Gets what the provider's prompt cache saved.</summary>
    /// <value>US dollars, negative where writing the cache cost more; <see langword="null"/> when none was used.</value>
    /// <remarks>Read from <c>cache_discount</c>.</remarks>
    public decimal? CacheDiscount { get; init; }

    /// <summary>Gets whether the account's own key for the provider was used.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>is_byok</c>.</remarks>
    public bool? IsByok { get; init; }

    /// <summary>Gets the id of the request that the answer belongs to.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>request_id</c>.</remarks>
    public string? RequestId { get; init; }

    /// <summary>Gets the provider's own id of the answer.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>upstream_id</c>.</remarks>
    public string? UpstreamId { get; init; }

    /// <summary>Gets the session that the request named.</summary>
    /// <value><see langword="null"/> for none.</value>
    /// <remarks>Read from <c>session_id</c>.</remarks>
    public string? SessionId { get; init; }

    /// <summary>Gets the generation whose answer was given again from the response cache.</summary>
    /// <value><see langword="null"/> when the answer was no cache hit.</value>
    /// <remarks>Read from <c>response_cache_source_id</c>.</remarks>
    public string? ResponseCacheSourceId { get; init; }

    /// <summary>Gets the preset that the request used.</summary>
    /// <value><see langword="null"/> for none.</value>
    /// <remarks>Read from <c>preset_id</c>.</remarks>
    public string? PresetId { get; init; }

    /// <summary>Gets the workspace that is charged.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>workspace_id</c>.</remarks>
    public string? WorkspaceId { get; init; }

    /// <summary>Gets the number of the app that the request named by its headers.</summary>
    /// <value><see langword="null"/> for none.</value>
    /// <remarks>Read from <c>app_id</c>.</remarks>
    public long? AppId { get; init; }

    /// <summary>Gets the end user that the request named.</summary>
    /// <value><see langword="null"/> for none.</value>
    /// <remarks>Read from <c>external_user</c>.</remarks>
    public string? ExternalUser { get; init; }

    /// <summary>Gets when the answer was made.</summary>
    /// <value>UTC; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>created_at</c>.</remarks>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Gets the slug of the model that answered, which may be another than the one asked for.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>model</c>.</remarks>
    public string? Model { get; init; }

    /// <summary>Gets the provider that answered.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>provider_name</c>.</remarks>
    public string? ProviderName { get; init; }

    /// <summary>Gets the router that chose the model, such as <c>openrouter/auto</c>.</summary>
    /// <value><see langword="null"/> for none.</value>
    /// <remarks>Read from <c>router</c>.</remarks>
    public string? Router { get; init; }

    /// <summary>Gets the service tier that served the request, and that it is billed by.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>service_tier</c>.</remarks>
    public string? ServiceTier { get; init; }

    /// <summary>Gets the kind of request, such as <c>completions</c>. New values appear unannounced.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>api_type</c>.</remarks>
    public string? ApiType { get; init; }

    /// <summary>Gets the region that the data stayed in, such as <c>global</c>. New values appear unannounced.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>data_region</c>.</remarks>
    public string? DataRegion { get; init; }

    /// <summary>Gets where the request says it came from.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>origin</c>.</remarks>
    public string? Origin { get; init; }

    /// <summary>Gets the referer that the request sent.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>http_referer</c>.</remarks>
    public string? HttpReferer { get; init; }

    /// <summary>Gets the user agent that the request sent.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>user_agent</c>.</remarks>
    public string? UserAgent { get; init; }

    /// <summary>Gets the size of the prompt by a common measure.</summary>
    /// <value>Tokens; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>tokens_prompt</c>.</remarks>
    public long? PromptTokens { get; init; }

    /// <summary>Gets the size of the answer by a common measure.</summary>
    /// <value>Tokens; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>tokens_completion</c>.</remarks>
    public long? CompletionTokens { get; init; }

    /// <summary>Gets the size of the prompt as the model counts, which is what is billed.</summary>
    /// <value>Tokens; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>native_tokens_prompt</c>.</remarks>
    public long? NativePromptTokens { get; init; }

    /// <summary>Gets the size of the answer as the model counts, which is what is billed.</summary>
    /// <value>Tokens; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>native_tokens_completion</c>.</remarks>
    public long? NativeCompletionTokens { get; init; }

    /// <summary>Gets the reasoning in the answer as the model counts.</summary>
    /// <value>Tokens; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>native_tokens_reasoning</c>.</remarks>
    public long? NativeReasoningTokens { get; init; }

    /// <summary>Gets the part of the prompt that came from the provider's cache.</summary>
    /// <value>Tokens; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>native_tokens_cached</c>.</remarks>
    public long? NativeCachedTokens { get; init; }

    /// <summary>Gets the images in the answer as the model counts.</summary>
    /// <value>Tokens; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>native_tokens_completion_images</c>.</remarks>
    public long? NativeImageTokens { get; init; }

    /// <summary>Gets how many results a web search brought.</summary>
    /// <value>Results; <see langword="null"/> when nothing was searched.</value>
    /// <remarks>Read from <c>num_search_results</c>.</remarks>
    public long? SearchResults { get; init; }

    /// <summary>Gets how many pages were fetched.</summary>
    /// <value>Pages; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>num_fetches</c>.</remarks>
    public long? Fetches { get; init; }

    /// <summary>Gets how many images and other media the prompt had.</summary>
    /// <value>Images and other media; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>num_media_prompt</c>.</remarks>
    public long? PromptMedia { get; init; }

    /// <summary>Gets how many images and other media the answer had.</summary>
    /// <value>Images and other media; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>num_media_completion</c>.</remarks>
    public long? CompletionMedia { get; init; }

    /// <summary>Gets how many recordings the prompt had.</summary>
    /// <value>Recordings; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>num_input_audio_prompt</c>.</remarks>
    public long? PromptAudioInputs { get; init; }

    /// <summary>Gets the engine that searched the web.</summary>
    /// <value><see langword="null"/> when nothing was searched.</value>
    /// <remarks>Read from <c>web_search_engine</c>.</remarks>
    public string? WebSearchEngine { get; init; }

    /// <summary>Gets why the answer ended, such as <c>stop</c>. New values appear unannounced.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>finish_reason</c>.</remarks>
    public string? FinishReason { get; init; }

    /// <summary>Gets why the answer ended, in the provider's word.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>native_finish_reason</c>.</remarks>
    public string? NativeFinishReason { get; init; }

    /// <summary>Gets whether the answer was cancelled on its way.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>cancelled</c>.</remarks>
    public bool? IsCancelled { get; init; }

    /// <summary>Gets whether OpenRouter took the answer as a stream, whatever the request asked for.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>streamed</c>.</remarks>
    public bool? IsStreamed { get; init; }

    /// <summary>Gets how long the first output took.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>latency</c>, milliseconds.</remarks>
    public TimeSpan? Latency { get; init; }

    /// <summary>Gets how long the output took.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>generation_time</c>, milliseconds.</remarks>
    public TimeSpan? GenerationTime { get; init; }

    /// <summary>Gets how long the moderation took.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>moderation_latency</c>, milliseconds.</remarks>
    public TimeSpan? ModerationLatency { get; init; }

    /// <summary>Gets the providers that were asked, in order.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>provider_responses</c>.</remarks>
    public IReadOnlyList<GenerationAttempt>? Attempts { get; init; }
}
