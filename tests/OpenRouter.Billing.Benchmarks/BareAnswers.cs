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

/// <summary>The framework's own reading of both, without leniency.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BareCredits))]
[JsonSerializable(typeof(BareActivity))]
internal sealed partial class BareContext : JsonSerializerContext;
