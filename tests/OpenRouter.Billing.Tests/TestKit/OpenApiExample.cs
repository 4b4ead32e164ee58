using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>The example answer of one path of the schema, and every member that its schema knows of.</summary>
public sealed class OpenApiExample
{
    private readonly YamlMappingNode _document;

    public OpenApiExample(string file, string path)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(file);
        stream.Load(reader);
        _document = (YamlMappingNode)stream.Documents[0].RootNode;
        var content = At(_document, "paths", path, "get", "responses", "200", "content", "application/json");
        Answer = ToJson(content.Children["example"])!.AsObject();
        Members = [.. Walk(content.Children["schema"], Answer, [])];
    }

    public JsonObject Answer { get; }

    /// <summary>The members that both the schema and the example have, outer ones first.</summary>
    public IReadOnlyList<Member> Members { get; }

    /// <summary>A copy of the answer with one member changed; a change to null takes the member out.</summary>
    public string With(Member member, Func<JsonNode?, JsonNode?> change, bool remove = false)
    {
        var copy = Answer.DeepClone();
        var parent = member.Path.SkipLast(1).Aggregate(copy, (node, step) => int.TryParse(step, CultureInfo.InvariantCulture, out var index) ? node[index]! : node[step]!).AsObject();
        if (remove)
        {
            Assert.True(parent.Remove(member.Name));
        }
        else
        {
            parent[member.Name] = change(parent[member.Name]);
        }

        return copy.ToJsonString();
    }

    private IEnumerable<Member> Walk(YamlNode schemaNode, JsonNode? example, string[] path)
    {
        var schema = new Schema(Resolve(schemaNode));
        if (example is JsonObject members)
        {
            foreach (var (name, type) in schema.Properties)
            {
                if (!members.TryGetPropertyValue(name, out var value))
                {
                    continue;
                }

                string[] at = [.. path, name];
                var member = new Schema(Resolve(type));
                yield return new Member(at, schema.Required.Contains(name), member.IsNullable, member.IsEnum, value);
                foreach (var inner in Walk(type, value, at))
                {
                    yield return inner;
                }
            }
        }
        else if (example is JsonArray items && schema.Items is { } itemType)
        {
            for (var i = 0; i < items.Count; i++)
            {
                foreach (var inner in Walk(itemType, items[i], [.. path, i.ToString(CultureInfo.InvariantCulture)]))
                {
                    yield return inner;
                }
            }
        }
    }

    /// <summary>A schema and all that it is made of: what it refers to, and every alternative.</summary>
    private IReadOnlyList<YamlMappingNode> Resolve(YamlNode node)
    {
        var schema = (YamlMappingNode)node;
        if (Child(schema, "$ref") is YamlScalarNode { Value: { } pointer })
        {
            return Resolve(At(_document, pointer[2..].Split('/')));
        }

        var parts = new[] { "allOf", "anyOf", "oneOf" }.Select(word => Child(schema, word)).OfType<YamlSequenceNode>().SelectMany(list => list.Children);
        return [schema, .. parts.SelectMany(Resolve)];
    }

    private static YamlMappingNode At(YamlMappingNode node, params string[] steps) => steps.Aggregate(node, (at, step) => (YamlMappingNode)at.Children[step]);

    private static YamlNode? Child(YamlMappingNode node, string name) => node.Children.TryGetValue(name, out var child) ? child : null;

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

    /// <summary>One member of the example and what the schema says about it.</summary>
    public sealed record Member(IReadOnlyList<string> Path, bool IsRequired, bool IsNullable, bool IsEnum, JsonNode? Value)
    {
        public string Name => Path[^1];

        public override string ToString() => string.Join('.', Path);
    }

    private sealed class Schema(IReadOnlyList<YamlMappingNode> parts)
    {
        public IEnumerable<(string Name, YamlNode Type)> Properties =>
            Every("properties").OfType<YamlMappingNode>().SelectMany(map => map.Children).Select(child => (((YamlScalarNode)child.Key).Value!, child.Value));

        public IReadOnlyList<string> Required => [.. Every("required").OfType<YamlSequenceNode>().SelectMany(Words)];

        public YamlNode? Items => Every("items").FirstOrDefault();

        public bool IsNullable => Every("type").Any(type => type is YamlScalarNode { Value: "null" } || (type is YamlSequenceNode types && Words(types).Contains("null")));

        public bool IsEnum => Every("enum").Any();

        private IEnumerable<YamlNode> Every(string word) => parts.Select(part => Child(part, word)).OfType<YamlNode>();

        private static IEnumerable<string> Words(YamlSequenceNode list) => list.Children.OfType<YamlScalarNode>().Select(word => word.Value!);
    }
}
