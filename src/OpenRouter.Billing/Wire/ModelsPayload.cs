using System.Globalization;
using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>GET /models</c> and <c>GET /models/user</c>.</summary>
internal sealed record ModelsPayload(IReadOnlyList<ModelsPayload.Model?>? Data, ModelsPayload.PageLinks? Links) : IWirePayload
{
    public string? FindMissing() => Data is null ? "data" : null;

    public IEnumerable<ModelListing> ToModelListings() =>
        from model in Data!
        where model is { Id.Length: > 0 }
        select model.ToModelListing(model.Id!);

    internal sealed record PageLinks(string? Next);

    internal sealed record Model
    {
        public string? Id { get; init; }

        public string? CanonicalSlug { get; init; }

        public string? Name { get; init; }

        public long? Created { get; init; }

        public long? ContextLength { get; init; }

        public Provider? TopProvider { get; init; }

        public RequestLimits? PerRequestLimits { get; init; }

        public string? ExpirationDate { get; init; }

        public ModelPricesPayload? Pricing { get; init; }

        public Alias? AliasTarget { get; init; }

        public IReadOnlyList<string?>? SupportedParameters { get; init; }

        public ReasoningRules? Reasoning { get; init; }

        public Shape? Architecture { get; init; }

        public ModelListing ToModelListing(string id) => new()
        {
            Id = id,
            CanonicalSlug = CanonicalSlug,
            Name = Name,
            AliasTarget = AliasTarget?.Slug,
            Prices = Pricing?.ToModelPrices() ?? new ModelPrices(),
            ContextLength = ContextLength,
            TopProviderContextLength = TopProvider?.ContextLength,
            MaxOutputTokens = TopProvider?.MaxCompletionTokens,
            PromptTokensPerRequest = PerRequestLimits?.PromptTokens,
            OutputTokensPerRequest = PerRequestLimits?.CompletionTokens,
            InputModalities = Words(Architecture?.InputModalities),
            OutputModalities = Words(Architecture?.OutputModalities),
            SupportedParameters = Words(SupportedParameters),
            AlwaysReasons = Reasoning?.Mandatory,
            IsModerated = TopProvider?.IsModerated,
            ExpiresOn = DateOnly.TryParseExact(ExpirationDate.AsSpan(0, Math.Min(10, ExpirationDate?.Length ?? 0)), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null,
            CreatedAt = Created is >= 0 and < 253_402_300_800 and { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
        };

        private static string[] Words(IReadOnlyList<string?>? words) => words?.OfType<string>().ToArray() ?? [];
    }

    internal sealed record Provider(long? ContextLength, long? MaxCompletionTokens, bool? IsModerated);

    internal sealed record RequestLimits(long? PromptTokens, long? CompletionTokens);

    internal sealed record Alias(string? Slug);

    internal sealed record ReasoningRules(bool? Mandatory);

    internal sealed record Shape(IReadOnlyList<string?>? InputModalities, IReadOnlyList<string?>? OutputModalities);
}
