using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>The schema as JSON: its operations, a check of values against it, and values made after it.</summary>
public sealed class OpenApiDocument
{
    private readonly JsonNode _root;

    private OpenApiDocument(JsonNode root) => _root = root;

    /// <summary>Loads a document, packed or not.</summary>
    public static OpenApiDocument Load(string file)
    {
        using Stream raw = File.OpenRead(file);
        using var plain = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        using var reader = new StreamReader(plain);
        var yaml = new YamlStream();
        yaml.Load(reader);
        return new OpenApiDocument(ToJson(yaml.Documents[0].RootNode)!);
    }

    /// <summary>All operations, or those below the given paths, such as <c>GET /keys</c>.</summary>
    public IEnumerable<string> Operations(params string[] below) =>
        from path in _root["paths"]!.AsObject()
        where below.Length == 0 || below.Any(start => path.Key == start || path.Key.StartsWith(start + "/", StringComparison.Ordinal))
        from verb in path.Value!.AsObject()
        where verb.Key is "get" or "put" or "post" or "patch" or "delete"
        select verb.Key.ToUpperInvariant() + " " + path.Key;

    public JsonNode Operation(string operation) =>
        _root["paths"]![operation.Split(' ')[1]]!.AsObject().FirstOrDefault(verb => verb.Key.Equals(operation.Split(' ')[0], StringComparison.OrdinalIgnoreCase)).Value ?? throw new InvalidOperationException($"The schema has no {operation}.");

    /// <summary>The body of a successful answer: its schema and its example.</summary>
    public (int Status, JsonNode Schema, JsonNode? Example) Answer(string operation)
    {
        var (status, answer) = Operation(operation)["responses"]!.AsObject().First(response => response.Key.StartsWith('2'));
        var content = answer!["content"]!["application/json"]!;
        return (int.Parse(status, CultureInfo.InvariantCulture), content["schema"]!, content["example"] ?? ExampleOf(content["schema"]!));
    }

    /// <summary>A schema's example, or one put together from those of its members.</summary>
    private JsonNode? ExampleOf(JsonNode schemaNode)
    {
        var schema = Merge(schemaNode);
        return schema["example"]?.DeepClone()
            ?? (schema["properties"] is JsonObject members ? new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, ExampleOf(member.Value!)))) : null);
    }

    public JsonNode? RequestSchema(string operation) => Operation(operation)["requestBody"]?["content"]!["application/json"]!["schema"];

    public IEnumerable<string> QueryParameters(string operation) =>
        (Operation(operation)["parameters"] as JsonArray ?? []).Where(parameter => (string?)parameter!["in"] == "query").Select(parameter => (string)parameter!["name"]!);

    /// <summary>Says what is wrong with a value; nothing when it keeps the schema. Members that the schema does not know are wrong too.</summary>
    public IEnumerable<string> Faults(JsonNode? value, JsonNode schemaNode, string at = "$")
    {
        var schema = Merge(schemaNode);
        if (value is null)
        {
            return Types(schema).Contains("null") || Types(schema).Count == 0 ? [] : [$"{at} is null"];
        }

        var kind = value.GetValueKind() switch { JsonValueKind.Object => "object", JsonValueKind.Array => "array", JsonValueKind.String => "string", JsonValueKind.Number => "number", _ => "boolean" };
        if (Types(schema) is { Count: > 0 } types && !types.Contains(kind) && !(kind == "number" && types.Contains("integer")))
        {
            return [$"{at} is a {kind} and not one of {string.Join(", ", types)}"];
        }

        return value switch
        {
            JsonObject members => MemberFaults(members, schema, at),
            JsonArray items => Count(items.Count, schema, "minItems", "maxItems", at).Concat(items.SelectMany((item, i) => schema["items"] is { } type ? Faults(item, type, $"{at}[{i}]") : [])),
            _ => ScalarFaults(value, schema, at),
        };
    }

    /// <summary>All that a value may do besides: be null, leave members out, use words that are not listed.</summary>
    public IEnumerable<string> Liberties(JsonNode schemaNode, string at = "$")
    {
        var schema = Merge(schemaNode);
        var required = Required(schema);
        return Own(schema, at)
            .Concat((schema["properties"]?.AsObject() ?? []).SelectMany(member => Liberties(member.Value!, $"{at}.{member.Key}").Concat(required.Contains(member.Key) ? [] : [$"{at}.{member.Key} is absent"])))
            .Concat(schema["items"] is { } items ? Liberties(items, at + "[]") : []);

        static IEnumerable<string> Own(JsonObject schema, string at)
        {
            if (Types(schema).Contains("null"))
            {
                yield return $"{at} is null";
            }

            if (schema["enum"] is not null && schema["const"] is null && Types(schema).Contains("string"))
            {
                yield return $"{at} is unheard of";
            }
        }
    }

    /// <summary>Which of its liberties a value takes.</summary>
    public IEnumerable<string> Taken(JsonNode? value, JsonNode schemaNode, string at = "$")
    {
        var schema = Merge(schemaNode);
        return value switch
        {
            null => [$"{at} is null"],
            JsonObject members => (schema["properties"]?.AsObject() ?? []).SelectMany(member =>
                members.TryGetPropertyValue(member.Key, out var inner) ? Taken(inner, member.Value!, $"{at}.{member.Key}") : [$"{at}.{member.Key} is absent"]),
            JsonArray items => items.SelectMany(item => Taken(item, schema["items"]!, at + "[]")),
            _ => schema["enum"] is JsonArray words && value.GetValueKind() == JsonValueKind.String && !words.Any(word => word?.ToString() == value.ToString()) ? [$"{at} is unheard of"] : [],
        };
    }

    /// <summary>Makes a value that keeps the schema, with new words where it lists words, and without or with null where it allows that.</summary>
    public JsonNode? Generate(JsonNode schemaNode, Random random, string name = "")
    {
        var schema = Merge(schemaNode);
        var types = Types(schema);
        if (types.Contains("null") && random.Next(4) == 0)
        {
            return null;
        }

        if (schema["const"] is { } constant)
        {
            return constant.DeepClone();
        }

        if (schema["enum"] is JsonArray words && types.Contains("string"))
        {
            var known = words.Where(word => word is not null).ToList();
            return random.Next(4) == 0 ? $"unheard_of_{random.Next():x}" : known[random.Next(known.Count)]!.DeepClone();
        }

        return types.FirstOrDefault(type => type != "null") switch
        {
            "boolean" => random.Next(2) == 0,
            "integer" => random.Next(1_000_000),
            "number" when name.EndsWith("_tokens", StringComparison.Ordinal) => random.Next(1_000_000),
            "number" when name.StartsWith("overrides.utc_", StringComparison.Ordinal) => (random.Next(24) * 100) + random.Next(60),
            "number" => JsonNode.Parse((random.Next(1, int.MaxValue) / 10_000m * (name.EndsWith("_rate", StringComparison.Ordinal) ? 0.000001m : 1)).ToString(CultureInfo.InvariantCulture)),
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Generate(schema["items"]!, random, name))]),
            "object" => GenerateObject(schema, random, name),
            _ => GenerateText(schema, random, name),
        };
    }

    private JsonObject GenerateObject(JsonObject schema, Random random, string holder)
    {
        var required = Required(schema);
        var result = new JsonObject();
        foreach (var (name, type) in schema["properties"]?.AsObject() ?? [])
        {
            if (required.Contains(name) || random.Next(3) > 0)
            {
                result[name] = Generate(type!, random, $"{holder.Split('.')[^1]}.{name}");
            }
        }

        return result;
    }

    private static JsonNode GenerateText(JsonObject schema, Random random, string name)
    {
        if (name.StartsWith("pricing.", StringComparison.Ordinal) || name.StartsWith("overrides.", StringComparison.Ordinal))
        {
            // Prices come as texts, with and without an exponent.
            return random.Next(4) == 0 ? $"{random.Next(1, 100)}e-{random.Next(1, 12)}" : (random.Next(1_000_000) / 1_000_000_000m).ToString(CultureInfo.InvariantCulture);
        }

        if (name.EndsWith("_date", StringComparison.Ordinal) || name.EndsWith(".date", StringComparison.Ordinal))
        {
            return new DateOnly(2026, 1, 1).AddDays(random.Next(1_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }

        if ((string?)schema["format"] == "date-time" || name.EndsWith("_at", StringComparison.Ordinal) || name.EndsWith(".as_of", StringComparison.Ordinal))
        {
            var instant = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(random.Next(20_000_000));
            return instant.ToString(random.Next(2) == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'", CultureInfo.InvariantCulture);
        }

        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return (string?)schema["format"] == "uuid" ? new Guid(bytes).ToString() : Convert.ToHexString(bytes) + (random.Next(3) == 0 ? "\"Zürich\" 🚀\n" : string.Empty);
    }

    private IEnumerable<string> MemberFaults(JsonObject members, JsonObject schema, string at)
    {
        var properties = schema["properties"]?.AsObject() ?? [];
        return Required(schema).Where(name => !members.ContainsKey(name)).Select(name => $"{at} lacks {name}")
            .Concat(members.SelectMany(member => properties[member.Key] is { } type ? Faults(member.Value, type, $"{at}.{member.Key}") : [$"{at}.{member.Key} is unknown to the schema"]));
    }

    private static IEnumerable<string> ScalarFaults(JsonNode value, JsonObject schema, string at)
    {
        if (schema["enum"] is JsonArray words && !words.Any(word => word?.ToJsonString() == value.ToJsonString()))
        {
            yield return $"{at} is {value.ToJsonString()}, which is not listed";
        }

        if (value.GetValueKind() != JsonValueKind.String)
        {
            yield break;
        }

        var text = value.GetValue<string>();
        foreach (var fault in Count(text.Length, schema, "minLength", "maxLength", at))
        {
            yield return fault;
        }

        if ((string?)schema["pattern"] is { } pattern && !Regex.IsMatch(text, pattern))
        {
            yield return $"{at} does not match {pattern}";
        }

        var fits = (string?)schema["format"] switch
        {
            "uuid" => Guid.TryParseExact(text, "D", out _),
            "date-time" => Regex.IsMatch(text, @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"),
            _ => true,
        };
        if (!fits)
        {
            yield return $"{at} is no {schema["format"]}";
        }
    }

    private static IEnumerable<string> Count(int count, JsonObject schema, string least, string most, string at)
    {
        if (count < ((int?)schema[least] ?? 0) || count > ((int?)schema[most] ?? int.MaxValue))
        {
            yield return $"{at} has {count} where the schema wants {schema[least]?.ToJsonString() ?? "0"} to {schema[most]?.ToJsonString() ?? "any number"}";
        }
    }

    private static HashSet<string> Required(JsonObject schema) => [.. (schema["required"] as JsonArray ?? []).Select(name => (string)name!)];

    private static HashSet<string> Types(JsonObject schema) => schema["type"] switch
    {
        JsonArray several => [.. several.Select(type => (string)type!)],
        { } one => [(string)one!],
        _ => [],
    };

    /// <summary>A schema with what it refers to and all its parts in one object.</summary>
    private JsonObject Merge(JsonNode node)
    {
        var schema = node.AsObject();
        if ((string?)schema["$ref"] is { } pointer)
        {
            return Merge(pointer[2..].Split('/').Aggregate(_root, (at, step) => at[step]!));
        }

        var merged = new JsonObject();
        var parts = new[] { "allOf", "anyOf", "oneOf" }.SelectMany(word => (schema[word] as JsonArray ?? []).Select(part => Merge(part!)));
        foreach (var part in parts.Append(schema))
        {
            foreach (var (name, value) in part)
            {
                merged[name] = (name, merged[name], value) switch
                {
                    ("properties", JsonObject old, JsonObject more) => new JsonObject(old.Concat(more).GroupBy(each => each.Key).Select(each => KeyValuePair.Create(each.Key, each.Last().Value?.DeepClone()))),
                    ("required" or "enum", JsonArray old, JsonArray more) => new JsonArray([.. old.Concat(more).Select(each => each?.DeepClone())]),
                    ("type", { } old, { } more) => new JsonArray([.. Types(new JsonObject { ["type"] = old.DeepClone() }).Concat(Types(new JsonObject { ["type"] = more.DeepClone() })).Distinct().Select(type => (JsonNode)type)]),
                    _ => value?.DeepClone(),
                };
            }
        }

        return merged;
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(child => KeyValuePair.Create(((YamlScalarNode)child.Key).Value!, ToJson(child.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "null" or "~" or "" } => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } truth => JsonValue.Create(truth.Value == "true"),
        YamlScalarNode { Style: ScalarStyle.Plain } number when decimal.TryParse(number.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) => JsonNode.Parse(number.Value!),
        YamlScalarNode text => JsonValue.Create(text.Value),
        _ => throw new InvalidOperationException("The schema has a node of an unknown kind."),
    };
}
