using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary>The one web search that a request with the web plugin or the web search tool runs here.</summary>
internal sealed record WebSearch(string? Engine, int Results)
{
    private const decimal ExaPrice = 0.007m;
    private const decimal ParallelOrPerplexityPrice = 0.005m;
    private const int IncludedResults = 10;
    private const decimal FurtherResultPrice = 0.001m;

    /// <summary>What the <c>:online</c> suffix means.</summary>
    public static WebSearch Default { get; } = new(null, 5);

    public string EngineFor(SandboxModel model) => Engine ?? (model.WebSearchPrice is null ? "exa" : "native");

    public decimal Price(SandboxModel model) => EngineFor(model) switch
    {
        "native" => model.WebSearchPrice ?? ExaPrice,
        "perplexity" => ParallelOrPerplexityPrice,
        "parallel" => ParallelOrPerplexityPrice + FurtherResults,
        _ => ExaPrice + FurtherResults,
    };

    public static WebSearch? Of(JsonElement root) =>
        FirstOf(root, "plugins", "id", "web") is { } plugin
            ? (plugin.TryGetProperty("enabled", out JsonElement enabled) && enabled.ValueKind == JsonValueKind.False ? null : From(plugin))
            : FirstOf(root, "tools", "type", "openrouter:web_search") is { } tool
                ? From(tool.TryGetProperty("parameters", out JsonElement parameters) && parameters.ValueKind == JsonValueKind.Object ? parameters : tool)
                : null;

    private decimal FurtherResults => Math.Max(0, Results - IncludedResults) * FurtherResultPrice;

    private static WebSearch From(JsonElement settings) => new(
        settings.TryGetProperty("engine", out JsonElement engine) && engine.ValueKind == JsonValueKind.String ? engine.GetString() : null,
        settings.TryGetProperty("max_results", out JsonElement results) && results.ValueKind == JsonValueKind.Number && results.TryGetInt32(out int count) ? count : Default.Results);

    private static JsonElement? FirstOf(JsonElement root, string list, string member, string value)
    {
        if (root.TryGetProperty(list, out JsonElement items) && items.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in items.EnumerateArray())
            {
                if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty(member, out JsonElement found)
                    && found.ValueKind == JsonValueKind.String && found.ValueEquals(value))
                {
                    return item;
                }
            }
        }

        return null;
    }
}
