using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>Credits as one writes them first.</summary>
internal sealed record BareCredits(BareCredits.Sums Data)
{
    internal sealed record Sums(decimal TotalCredits, decimal TotalUsage);
}

/// <summary>Activity as one writes it first.</summary>
internal sealed record BareActivity(List<BareActivity.Row> Data)
{
    internal sealed record Row
    {
        public DateOnly Date { get; init; }

        public string? Model { get; init; }

        public string? ModelPermaslug { get; init; }

        public string? EndpointId { get; init; }

        public string? ProviderName { get; init; }

        public string? WorkspaceId { get; init; }

        public decimal? Usage { get; init; }

        public decimal? ByokUsageInference { get; init; }

        public long? Requests { get; init; }

        public long? PromptTokens { get; init; }

        public long? CompletionTokens { get; init; }

        public long? ReasoningTokens { get; init; }
    }
}

/// <summary>Models as one writes them first: prices as they stand there, in text.</summary>
internal sealed record BareModels(List<BareModels.Model> Data)
{
    internal sealed record Model
    {
        public string? Id { get; init; }

        public string? CanonicalSlug { get; init; }

        public string? Name { get; init; }

        public long? Created { get; init; }

        public long? ContextLength { get; init; }

        public Shape? Architecture { get; init; }

        public Dictionary<string, string>? Pricing { get; init; }

        public Provider? TopProvider { get; init; }

        public List<string>? SupportedParameters { get; init; }
    }

    internal sealed record Provider(long? ContextLength, long? MaxCompletionTokens, bool? IsModerated);

    internal sealed record Shape(List<string>? InputModalities, List<string>? OutputModalities);
}

/// <summary>The framework's own reading of all three, without leniency.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BareCredits))]
[JsonSerializable(typeof(BareActivity))]
[JsonSerializable(typeof(BareModels))]
internal sealed partial class BareContext : JsonSerializerContext;
