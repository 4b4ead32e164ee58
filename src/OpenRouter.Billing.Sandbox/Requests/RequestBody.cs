using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox;

/// <summary>The JSON object of a management call, or one inside it, read member by member; what has the wrong type is refused with 400.</summary>
internal sealed class RequestBody
{
    private readonly JsonObject _members;

    private RequestBody(JsonObject members) => _members = members;

    public static RequestBody Read(string body)
    {
        try
        {
            return Read(JsonNode.Parse(body));
        }
        catch (JsonException)
        {
            throw Bad();
        }
    }

    public static RequestBody Read(JsonNode? node)
    {
        JsonObject members = node as JsonObject ?? throw Bad();
        try
        {
            // Names are read at first use: here, so that none fails later.
            _ = members.Count;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // A name that is there twice, or has half a surrogate pair.
            throw Bad();
        }

        return new RequestBody(members);
    }

    public bool Has(string name) => _members.ContainsKey(name);

    public JsonNode? Node(string name) => _members[name]?.DeepClone();

    public string Required(string name, int most) => Text(name, most) is { Length: > 0 } text ? text : throw Bad();

    public string? Text(string name, int most = int.MaxValue, bool mayBeNull = false) =>
        Of(name, mayBeNull) is not { } node ? null
        : node.GetValueKind() == JsonValueKind.String && TextOf(node) is var text && text.Length <= most ? text
        : throw Bad();

    public bool? Truth(string name, bool mayBeNull = false) =>
        Of(name, mayBeNull)?.GetValueKind() switch { null => null, JsonValueKind.True => true, JsonValueKind.False => false, _ => throw Bad() };

    public decimal? Number(string name, bool mayBeNull = false) =>
        Of(name, mayBeNull) is not { } node ? null
        : node.GetValueKind() == JsonValueKind.Number && decimal.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && number >= 0 ? number
        : throw Bad();

    public string[] Texts(string name, int most = int.MaxValue) =>
        Of(name, mayBeNull: false) is JsonArray { Count: > 0 } items && items.Count <= most && items.All(item => item?.GetValueKind() == JsonValueKind.String)
            ? [.. items.Select(item => TextOf(item!))]
            : throw Bad();

    /// <summary>The object in a member; null for none.</summary>
    public RequestBody? Object(string name) => Of(name, mayBeNull: true) is { } node ? Read(node) : null;

    public string? Interval(string name) =>
        Text(name, mayBeNull: true) is not { } word ? null
        : word is UtcWindow.Daily or UtcWindow.Weekly or UtcWindow.Monthly ? word
        : throw Bad();

    /// <summary>An instant as the real service takes it: UTC, and with seconds.</summary>
    public DateTimeOffset? Instant(string name) =>
        Text(name, mayBeNull: true) is not { } text ? null
        : text.Length >= 20 && text.EndsWith('Z') && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant) ? instant
        : throw Bad();

    public Guid? Uuid(string name) => Text(name) is not { } text ? null : Guid.TryParse(text, out Guid id) ? id : throw Bad();

    public static string TextOf(JsonNode text)
    {
        try
        {
            return text.GetValue<string>();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in an escape: valid JSON, but no text.
            throw Bad();
        }
    }

    public static RefusedException Bad() => new(Refused.BadParameters);

    private JsonNode? Of(string name, bool mayBeNull) =>
        !_members.TryGetPropertyValue(name, out JsonNode? node) ? null : node is not null || mayBeNull ? node : throw Bad();
}
