using System.Globalization;
using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>GET /models</c>, <c>/models/user</c>, <c>/models/count</c> and <c>/model/{author}/{slug}</c>; but for the second they need no key.</summary>
internal sealed class ModelsEndpoint(ModelCatalog catalog)
{
    private const int LargestPage = 1000;
    private const int DefaultPage = 500;
    internal const long Created = 1_760_000_000;
    internal const string Description = "Answered by the sandbox.";
    private static readonly string[] Parameters = ["frequency_penalty", "max_completion_tokens", "max_tokens", "presence_penalty", "seed", "stop", "temperature", "top_p"];

    public Task HandleAsync(Exchange exchange)
    {
        bool paged = exchange.QueryValue("offset") is not null || exchange.QueryValue("limit") is not null;
        int offset = 0;
        IReadOnlyList<SandboxModel> models = Wanted(exchange);
        int limit = paged ? DefaultPage : models.Count;
        if (!exchange.TryQueryNumber("offset", 0, int.MaxValue, ref offset) || !exchange.TryQueryNumber("limit", 1, LargestPage, ref limit))
        {
            return exchange.RefuseAsync(Refused.BadParameters);
        }

        exchange.SetHeader("Cache-Control", "public, max-age=120, stale-while-revalidate=3600, stale-if-error=3600");
        return exchange.AnswerAsync(200, Json.Write(json => WritePage(json, exchange.Request.Path, models, offset, limit)));
    }

    public Task CountAsync(Exchange exchange) =>
        exchange.AnswerAsync(200, Json.WriteData(json => json.WriteNumber("count", Wanted(exchange).Count)));

    public Task OneAsync(Exchange exchange, string slug) =>
        catalog.TryFind(slug, out SandboxModel? model, out _) || catalog.TryFindListed(slug, out model)
            ? exchange.AnswerAsync(200, Json.WriteData(json => WriteMembers(json, model)))
            : exchange.RefuseAsync(Refused.NotFound);

    /// <summary>Every model here answers with text.</summary>
    private IReadOnlyList<SandboxModel> Wanted(Exchange exchange) =>
        (exchange.QueryValue("output_modalities") ?? "text").Split(',').Any(word => word is "text" or "all") ? [.. catalog.All] : [];

    private static void WritePage(Utf8JsonWriter json, string path, IReadOnlyList<SandboxModel> models, int offset, int limit)
    {
        json.WriteStartObject();
        json.WriteStartArray("data");
        foreach (SandboxModel model in models.Skip(offset).Take(limit))
        {
            json.WriteStartObject();
            WriteMembers(json, model);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("total_count", models.Count);
        json.WriteStartObject("links");
        json.WriteString("next", (long)offset + limit < models.Count
            ? string.Create(CultureInfo.InvariantCulture, $"{SandboxApplication.BasePath}{path}?offset={offset + limit}&limit={limit}")
            : null);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter json, SandboxModel model)
    {
        json.WriteString("id", model.Id);
        json.WriteString("canonical_slug", model.Slug);
        json.WriteString("name", model.Id);
        json.WriteString("description", Description);
        json.WriteNumber("created", Created);
        json.WriteNumber("context_length", model.ContextLength);
        WriteArchitecture(json);
        WritePricing(json, model);
        json.WriteStartObject("top_provider");
        json.WriteNumber("context_length", model.ContextLength);
        json.WriteNumberOrNull("max_completion_tokens", model.MaxCompletionTokens);
        json.WriteBoolean("is_moderated", false);
        json.WriteEndObject();
        WriteParameters(json);
        json.WriteNulls("per_request_limits", "default_parameters", "supported_voices", "expiration_date");
        json.WriteStartObject("links");
        json.WriteString("details", $"{SandboxApplication.BasePath}/models/{model.Slug}/endpoints");
        json.WriteEndObject();
    }

    internal static void WriteArchitecture(Utf8JsonWriter json)
    {
        json.WriteStartObject("architecture");
        json.WriteString("modality", "text->text");
        WriteStrings(json, "input_modalities", "text");
        WriteStrings(json, "output_modalities", "text");
        json.WriteString("tokenizer", "Other");
        json.WriteNull("instruct_type");
        json.WriteEndObject();
    }

    internal static void WritePricing(Utf8JsonWriter json, SandboxModel model)
    {
        json.WriteStartObject("pricing");
        WritePrice(json, "prompt", model.PromptPrice);
        WritePrice(json, "completion", model.CompletionPrice);
        WritePrice(json, "request", model.RequestPrice > 0 ? model.RequestPrice : null);
        WritePrice(json, "web_search", model.WebSearchPrice);
        WritePrice(json, "input_cache_read", model.CacheReadPrice);
        WritePrice(json, "input_cache_write", model.CacheWritePrice);
        if (model.LongPromptTokens is { } tokens)
        {
            json.WriteStartArray("overrides");
            json.WriteStartObject();
            json.WriteNumber("min_prompt_tokens", tokens);
            WritePrice(json, "prompt", model.LongPromptPrice);
            WritePrice(json, "completion", model.LongCompletionPrice);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    internal static void WriteParameters(Utf8JsonWriter json) => WriteStrings(json, "supported_parameters", Parameters);

    private static void WritePrice(Utf8JsonWriter json, string name, decimal? usd)
    {
        if (usd is { } price)
        {
            json.WriteString(name, price.ToString("0.############################", CultureInfo.InvariantCulture));
        }
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, params ReadOnlySpan<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
