using System.Globalization;
using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>GET /generation</c>: 404 at first, then what the answer cost.</summary>
internal sealed class GenerationEndpoint(OpenRouterSandboxOptions options)
{
    public Task HandleAsync(Exchange exchange, SandboxKey caller)
    {
        exchange.SetHeader("Cache-Control", "private, no-store");
        if (exchange.QueryValue("id") is not { Length: > 0 } id)
        {
            return exchange.RefuseAsync(Refused.BadParameters);
        }

        return caller.Account.FindGeneration(id) is { } generation && generation.CreatedAt + options.GenerationDelay <= exchange.Now
            ? exchange.AnswerAsync(200, Json.WriteData(json => Write(json, generation)))
            : exchange.RefuseAsync(Refused.UnknownGeneration(id));
    }

    private static void Write(Utf8JsonWriter json, SandboxGeneration generation)
    {
        SandboxQuote quote = generation.Quote;
        json.WriteString("id", generation.Id);
        json.WriteString("request_id", $"req-{generation.Id[4..]}");
        json.WriteString("upstream_id", $"sandbox-{generation.Id[4..]}");
        json.WriteString("created_at", generation.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'", CultureInfo.InvariantCulture));
        json.WriteString("model", quote.Model.AnswerName);
        json.WriteString("provider_name", quote.Model.Provider);
        json.WriteString("router", quote.RequestedModel == quote.Model.Id ? null : quote.RequestedModel);
        json.WriteString("api_type", "completions");
        json.WriteString("data_region", "global");
        json.WriteString("workspace_id", generation.Key.WorkspaceId);
        json.WriteString("origin", "");
        json.WriteMoney("total_cost", generation.Cost);
        json.WriteMoney("usage", generation.Cost);
        json.WriteNumber("upstream_inference_cost", 0);
        json.WriteBoolean("is_byok", false);
        WriteTokens(json, generation);
        WriteTiming(json, generation);
        json.WriteBoolean("streamed", generation.Streamed);
        json.WriteBoolean("cancelled", generation.Aborted);
        json.WriteString("finish_reason", generation.Aborted ? null : generation.Answer.FinishReason);
        json.WriteString("native_finish_reason", generation.Aborted ? null : generation.Answer.FinishReason);
        json.WriteString("response_cache_source_id", quote.CachedFrom);
        json.WriteString("web_search_engine", quote.Search?.EngineFor(quote.Model));
        json.WriteNulls(
            "cache_discount", "session_id", "preset_id", "app_id", "external_user", "service_tier",
            "num_fetches", "num_media_prompt", "num_media_completion", "num_input_audio_prompt", "moderation_latency",
            "http_referer", "user_agent", "provider_responses");
    }

    private static void WriteTokens(Utf8JsonWriter json, SandboxGeneration generation)
    {
        json.WriteNumber("tokens_prompt", generation.PromptTokens);
        json.WriteNumber("tokens_completion", generation.CompletionTokens);
        json.WriteNumber("native_tokens_prompt", generation.PromptTokens);
        json.WriteNumber("native_tokens_completion", generation.CompletionTokens);
        json.WriteNumber("native_tokens_reasoning", 0);
        json.WriteNumber("native_tokens_cached", 0);
        json.WriteNull("native_tokens_completion_images");
        json.WriteNumberOrNull("num_search_results", generation.Quote.Search?.Results);
    }

    private static void WriteTiming(Utf8JsonWriter json, SandboxGeneration generation)
    {
        long milliseconds = (generation.CreatedAt - generation.Answer.CreatedAt).Ticks / TimeSpan.TicksPerMillisecond;
        json.WriteNumber("latency", milliseconds);
        json.WriteNumber("generation_time", milliseconds);
    }
}
