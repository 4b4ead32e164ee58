using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary>How one endpoint spells an answer, whole or as a stream. An instance serves one request.</summary>
internal abstract class AnswerFormat
{
    public abstract ReadOnlyMemory<byte> Whole(Answer answer);

    /// <summary>What a stream says before the first text.</summary>
    public abstract ReadOnlyMemory<byte> Opening(Answer answer);

    public abstract ReadOnlyMemory<byte> Chunk(Answer answer, string text);

    /// <summary>The finish reason, then the usage, then the end mark.</summary>
    public abstract ReadOnlyMemory<byte> Closing(Answer answer);

    public abstract ReadOnlyMemory<byte> Failure(Answer answer, int code, string message);

    public virtual ReadOnlyMemory<byte> Refusal(Refusal refusal) => ErrorBody.Of(refusal);

    /// <summary>The cost members, which all formats share but for two names.</summary>
    protected static void WriteCost(Utf8JsonWriter json, SandboxQuote quote, string promptName = "prompt", string outputName = "completions")
    {
        json.WriteMoney("cost", quote.Cost);
        json.WriteBoolean("is_byok", false);
        json.WriteStartObject("cost_details");
        json.WriteMoney("upstream_inference_cost", UpstreamCost(quote));
        json.WriteMoney($"upstream_inference_{promptName}_cost", quote.TokenCostOf(0));
        json.WriteMoney($"upstream_inference_{outputName}_cost", quote.OutputTokens * quote.CompletionPrice);
        json.WriteEndObject();
        if (quote.Search is not null)
        {
            json.WriteStartObject("server_tool_use_details");
            json.WriteNumber("web_search_requests", 1);
            json.WriteEndObject();
        }
    }

    /// <summary>A search by OpenRouter's own engines is missing here on the real wire, one by the provider is in it.</summary>
    private static decimal UpstreamCost(SandboxQuote quote) =>
        quote.Search is { } search && search.EngineFor(quote.Model) != "native" ? quote.Cost - search.Price(quote.Model) : quote.Cost;
}
