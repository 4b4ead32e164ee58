using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>GET /models/{author}/{slug}/endpoints</c>, which needs no key.</summary>
internal sealed class ModelEndpointsEndpoint(ModelCatalog catalog)
{
    private const string Start = "GET /models/";
    private const string End = "/endpoints";

    public Task HandleAsync(Exchange exchange) =>
        TryFind(exchange.Request.Route, out SandboxModel? model)
            ? exchange.AnswerAsync(200, Json.WriteData(json => Write(json, model)))
            : exchange.RefuseAsync(Refused.NotFound);

    private bool TryFind(string route, [NotNullWhen(true)] out SandboxModel? model)
    {
        model = null;
        return route.StartsWith(Start, StringComparison.Ordinal)
            && route.EndsWith(End, StringComparison.Ordinal)
            && route.Length > Start.Length + End.Length
            && catalog.TryFindListed(route[Start.Length..^End.Length], out model);
    }

    private static void Write(Utf8JsonWriter json, SandboxModel model)
    {
        json.WriteString("id", model.Id);
        json.WriteString("name", model.Id);
        json.WriteNumber("created", ModelsEndpoint.Created);
        json.WriteString("description", ModelsEndpoint.Description);
        ModelsEndpoint.WriteArchitecture(json);
        json.WriteStartArray("endpoints");
        WriteEndpoint(json, model, model.Provider, null, 0);
        foreach (SandboxProvider provider in model.OtherProviders)
        {
            WriteEndpoint(json, model.At(provider), provider.Name, provider.Tag, provider.Status);
        }

        json.WriteEndArray();
    }

    private static void WriteEndpoint(Utf8JsonWriter json, SandboxModel model, string provider, string? tag, int status)
    {
        json.WriteStartObject();
        json.WriteString("name", $"{provider} | {model.Slug}");
        json.WriteString("model_id", model.Slug);
        json.WriteString("model_name", model.Id);
        json.WriteNumber("context_length", model.ContextLength);
        ModelsEndpoint.WritePricing(json, model);
        json.WriteString("provider_name", provider);
        json.WriteString("tag", tag ?? provider);
        json.WriteNull("quantization");
        json.WriteNumberOrNull("max_completion_tokens", model.MaxCompletionTokens);
        json.WriteNull("max_prompt_tokens");
        ModelsEndpoint.WriteParameters(json);
        json.WriteNumber("status", status);
        json.WriteBoolean("supports_implicit_caching", false);
        json.WriteNulls("uptime_last_5m", "uptime_last_30m", "uptime_last_1d", "latency_last_30m", "throughput_last_30m");
        json.WriteEndObject();
    }
}
