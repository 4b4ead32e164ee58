using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>GET /generation</c>.</summary>
internal sealed record GenerationPayload(GenerationPayload.Record? Data) : IWirePayload
{
    // Without its id it may be any answer, and without its cost it says nothing that could be booked.
    public string? FindMissing() =>
        Data is null ? "data"
        : string.IsNullOrEmpty(Data.Id) ? "data.id"
        : Data.TotalCost is null ? "data.total_cost"
        : null;

    public Generation ToGeneration()
    {
        var record = Data!;
        return new Generation
        {
            Id = record.Id!,
            TotalCost = record.TotalCost!.Value,
            Usage = record.Usage,
            UpstreamInferenceCost = record.UpstreamInferenceCost,
            CacheDiscount = record.CacheDiscount,
            IsByok = record.IsByok,
            RequestId = record.RequestId,
            UpstreamId = record.UpstreamId,
            SessionId = record.SessionId,
            ResponseCacheSourceId = record.ResponseCacheSourceId,
            PresetId = record.PresetId,
            WorkspaceId = record.WorkspaceId,
            AppId = record.AppId,
            ExternalUser = record.ExternalUser,
            CreatedAt = record.CreatedAt,
            Model = record.Model,
            ProviderName = record.ProviderName,
            Router = record.Router,
            ServiceTier = record.ServiceTier,
            ApiType = record.ApiType,
            DataRegion = record.DataRegion,
            Origin = record.Origin,
            HttpReferer = record.HttpReferer,
            UserAgent = record.UserAgent,
            PromptTokens = record.TokensPrompt,
            CompletionTokens = record.TokensCompletion,
            NativePromptTokens = record.NativeTokensPrompt,
            NativeCompletionTokens = record.NativeTokensCompletion,
            NativeReasoningTokens = record.NativeTokensReasoning,
            NativeCachedTokens = record.NativeTokensCached,
            NativeImageTokens = record.NativeTokensCompletionImages,
            SearchResults = record.NumSearchResults,
            Fetches = record.NumFetches,
            PromptMedia = record.NumMediaPrompt,
            CompletionMedia = record.NumMediaCompletion,
            PromptAudioInputs = record.NumInputAudioPrompt,
            WebSearchEngine = record.WebSearchEngine,
            FinishReason = record.FinishReason,
            NativeFinishReason = record.NativeFinishReason,
            IsCancelled = record.Cancelled,
            IsStreamed = record.Streamed,
            Latency = Milliseconds.ToTime(record.Latency),
            GenerationTime = Milliseconds.ToTime(record.GenerationTime),
            ModerationLatency = Milliseconds.ToTime(record.ModerationLatency),
            Attempts = record.ProviderResponses?.OfType<Attempt>().Select(attempt => attempt.ToGenerationAttempt()).ToArray(),
        };
    }

    internal sealed record Record
    {
        public string? Id { get; init; }

        public decimal? TotalCost { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? Usage { get; init; }

        public decimal? UpstreamInferenceCost { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? CacheDiscount { get; init; }

        [JsonConverter(typeof(OrNullConverter<bool?>))]
        public bool? IsByok { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? RequestId { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? UpstreamId { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? SessionId { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? ResponseCacheSourceId { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? PresetId { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? WorkspaceId { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? AppId { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? ExternalUser { get; init; }

        [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
        public DateTimeOffset? CreatedAt { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? Model { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? ProviderName { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? Router { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? ServiceTier { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? ApiType { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? DataRegion { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? Origin { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? HttpReferer { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? UserAgent { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? TokensPrompt { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? TokensCompletion { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? NativeTokensPrompt { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? NativeTokensCompletion { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? NativeTokensReasoning { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? NativeTokensCached { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? NativeTokensCompletionImages { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? NumSearchResults { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? NumFetches { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? NumMediaPrompt { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? NumMediaCompletion { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? NumInputAudioPrompt { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? WebSearchEngine { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? FinishReason { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? NativeFinishReason { get; init; }

        [JsonConverter(typeof(OrNullConverter<bool?>))]
        public bool? Cancelled { get; init; }

        [JsonConverter(typeof(OrNullConverter<bool?>))]
        public bool? Streamed { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? Latency { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? GenerationTime { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? ModerationLatency { get; init; }

        [JsonConverter(typeof(OrNullConverter<IReadOnlyList<Attempt?>>))]
        public IReadOnlyList<Attempt?>? ProviderResponses { get; init; }
    }

    internal sealed record Attempt
    {
        public string? EndpointId { get; init; }

        public string? Id { get; init; }

        [JsonConverter(typeof(OrNullConverter<bool?>))]
        public bool? IsByok { get; init; }

        [JsonConverter(typeof(OrNullConverter<decimal?>))]
        public decimal? Latency { get; init; }

        public string? ModelPermaslug { get; init; }

        public string? ProviderName { get; init; }

        public string? RoutedServiceTier { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? Status { get; init; }

        public GenerationAttempt ToGenerationAttempt() => new()
        {
            EndpointId = EndpointId,
            Id = Id,
            IsByok = IsByok,
            Latency = Milliseconds.ToTime(Latency),
            ModelPermaslug = ModelPermaslug,
            ProviderName = ProviderName,
            RoutedServiceTier = RoutedServiceTier,
            Status = Status,
        };
    }
}
