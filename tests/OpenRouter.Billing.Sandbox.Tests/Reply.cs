using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox.Tests;

/// <summary>An answer of the sandbox, read to its end.</summary>
internal sealed record Reply(int Status, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public JsonNode Data => Json["data"]!;

    public string Message => Json["error"]!["message"]!.GetValue<string>();

    public JsonNode? Metadata => Json["error"]!["metadata"];

    public string? LimitSource => (string?)Metadata?["limit_source"];

    /// <summary>The data lines of a stream, without comments and without the end mark.</summary>
    public IReadOnlyList<JsonNode> Events => Body.Split('\n')
        .Where(line => line.StartsWith("data: ", StringComparison.Ordinal) && line != "data: [DONE]")
        .Select(line => JsonNode.Parse(line["data: ".Length..])!)
        .ToArray();

    public static decimal Money(JsonNode? node) => decimal.Parse(node!.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    public static bool IsNull(JsonNode parent, string name) =>
        parent.AsObject().TryGetPropertyValue(name, out JsonNode? value) && (value is null || value.GetValueKind() == JsonValueKind.Null);
}
