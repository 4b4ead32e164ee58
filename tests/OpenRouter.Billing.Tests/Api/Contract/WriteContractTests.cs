using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Tests.Api.Contract;

/// <summary>Keys, workspaces and guardrails against the schema: every operation has a method, what is sent keeps it, and what comes is read whole.</summary>
public sealed class WriteContractTests
{
    private const int Values = 500;
    private static readonly string[] Places = ["/keys", "/workspaces", "/guardrails"];

    // The newer document, and the older one for what the newer leaves out.
    private static readonly Lazy<OpenApiDocument[]> Documents = new(() => [OpenApiDocument.Load(Reference.Path("openrouter-billing.openapi.yaml")), OpenApiDocument.Load(Reference.Path("openrouter-openapi-2026-08-22.yaml.gz"))]);

    public static TheoryData<string> Operations => [.. WriteOperations.All.Keys];

    [Fact]
    public void Operations_OfBothDocuments_AllHaveAMethod()
    {
        var known = Documents.Value.SelectMany(document => document.Operations(Places)).Select(operation => operation.Replace("{workspace_ref}", "{id}", StringComparison.Ordinal)).ToHashSet();
        Assert.True(known.Count >= 30, $"The documents have only {known.Count} operations.");
        Assert.Empty(known.Except(WriteOperations.All.Keys));
        Assert.Empty(WriteOperations.All.Keys.Except(known));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Request_InEveryShape_KeepsTheSchema(string operation)
    {
        var (document, name) = Find(operation);
        foreach (var call in WriteOperations.All[operation])
        {
            var answer = document.Answer(name);
            var handler = Answering(operation, answer.Status, (answer.Example ?? document.Generate(answer.Schema, new Random(1)))!.ToJsonString());
            await call(BillingClientKit.Over(handler));
            var sent = handler.Requests.Last(request => Matches(request, operation));
            Assert.Equal(TestData.ManagementKey, sent.Key);
            var query = sent.Query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=')[0]);
            Assert.Empty(query.Except(document.QueryParameters(name)));
            if (document.RequestSchema(name) is { } schema)
            {
                Assert.Empty(document.Faults(JsonNode.Parse(sent.Body), schema));
            }
            else
            {
                Assert.Empty(sent.Body);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Answer_OfTheExample_IsReadWhole(string operation)
    {
        var (document, name) = Find(operation);
        var (status, _, example) = document.Answer(name);
        Assert.NotNull(example);
        await CheckReadAsync(operation, status, example);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Answer_OfAnyValueOfTheSchema_IsReadWhole(string operation)
    {
        var (document, name) = Find(operation);
        var (status, schema, _) = document.Answer(name);
        // A fixed start: a failure can be looked at again.
        var random = new Random(20_261_120);
        var read = 0;
        for (var i = 0; i < Values; i++)
        {
            read += await CheckReadAsync(operation, status, document.Generate(schema, random)!);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{operation}: {Values} values, {read} members read.");
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Answer_WithAnyOneTruthTurnedAround_ReadsDifferently(string operation)
    {
        var (document, name) = Find(operation);
        var (status, schema, _) = document.Answer(name);
        var random = new Random(7);
        for (var i = 0; i < 20; i++)
        {
            var body = document.Generate(schema, random)!.AsObject();
            var before = await ReadAsync(operation, status, body);
            foreach (var (holder, member) in Truths(body).ToList())
            {
                if (holder == body && member is "deleted" or "include_byok_in_budgets")
                {
                    continue;
                }

                holder[member] = !(bool)holder[member]!;
                Assert.True(before != await ReadAsync(operation, status, body), $"{operation}: {member} is read nowhere.");
                holder[member] = !(bool)holder[member]!;
            }
        }
    }

    private static async Task<string> ReadAsync(string operation, int status, JsonObject body) =>
        JsonSerializer.Serialize(await WriteOperations.All[operation][0](BillingClientKit.Over(Answering(operation, status, body.ToJsonString()))));

    private static IEnumerable<(JsonObject Holder, string Member)> Truths(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? [(members, member.Key)] : Truths(member.Value)),
        JsonArray items => items.SelectMany(Truths),
        _ => [],
    };

    private static async Task<int> CheckReadAsync(string operation, int status, JsonNode body)
    {
        // Most members may be missing or null, but a list or an object without its data is no answer.
        var handler = Answering(operation, status, body.ToJsonString());
        var result = await WriteOperations.All[operation][0](BillingClientKit.Over(handler));
        var leaves = Leaves(result as JsonNode ?? JsonSerializer.SerializeToNode(result)).ToList();
        var wanted = Leaves(Relevant(operation, body)).Where(leaf => leaf is not null).ToList();
        foreach (var value in wanted)
        {
            Assert.True(leaves.Exists(leaf => Same(leaf, value)), $"{operation}: {value!.ToJsonString()} of {body.ToJsonString()} is read nowhere.");
        }

        return wanted.Count;
    }

    // How many there are in all is counted by reading; of added members only their number is told; a deletion says nothing else.
    private static JsonObject Relevant(string operation, JsonNode body)
    {
        var copy = body.DeepClone().AsObject();
        copy.Remove("total_count");
        copy.Remove("deleted");
        if (operation.EndsWith("members/add", StringComparison.Ordinal))
        {
            copy.Remove("data");
        }

        if (operation.EndsWith("{interval}", StringComparison.Ordinal))
        {
            copy.Remove("include_byok_in_budgets");
        }

        return copy;
    }

    private static (OpenApiDocument Document, string Name) Find(string operation)
    {
        foreach (var document in Documents.Value)
        {
            if (document.Operations(Places).FirstOrDefault(name => name.Replace("{workspace_ref}", "{id}", StringComparison.Ordinal) == operation) is { } name)
            {
                return (document, name);
            }
        }

        throw new InvalidOperationException($"No document has {operation}.");
    }

    private static ScriptedHandler Answering(string operation, int status, string body) => new(request =>
        Matches(request, operation) ? StubHandler.Json(body, (HttpStatusCode)status)
        // The order of budgets is looked at before one is set.
        : request is { Method: "GET" } && request.Path.EndsWith("/budgets", StringComparison.Ordinal) ? StubHandler.Json("""{"data":[]}""")
        : throw new InvalidOperationException($"Nobody expected {request.Route}."));

    private static bool Matches(ScriptedHandler.Sent request, string operation)
    {
        var wanted = operation.Split(' ')[1].Split('/');
        var sent = request.Path.Split('/');
        return request.Method == operation.Split(' ')[0] && wanted.Length == sent.Length && wanted.Zip(sent).All(pair => pair.First.StartsWith('{') ? pair.Second.Length > 0 : pair.First == pair.Second);
    }

    private static IEnumerable<JsonNode?> Leaves(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Leaves(member.Value)),
        JsonArray items => items.SelectMany(Leaves),
        _ => [node],
    };

    private static bool Same(JsonNode? one, JsonNode? other)
    {
        if (one is null || other is null || one.GetValueKind() != other.GetValueKind())
        {
            return false;
        }

        return one.GetValueKind() == JsonValueKind.Number
            ? decimal.Parse(one.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture) == decimal.Parse(other.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture)
            : one.ToString() == other.ToString()
                || (DateTimeOffset.TryParse(one.ToString(), CultureInfo.InvariantCulture, out var first) && DateTimeOffset.TryParse(other.ToString(), CultureInfo.InvariantCulture, out var second) && first == second);
    }
}
