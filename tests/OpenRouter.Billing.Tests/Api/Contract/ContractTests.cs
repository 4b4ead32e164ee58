using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Tests.Api.Contract;

/// <summary>The API against the schema: every operation has a method, what is sent keeps it, and what comes is read whole.</summary>
public sealed class ContractTests
{
    private const int Values = 500;
    private static readonly string[] Places = ["/keys", "/workspaces", "/guardrails", "/byok", "/organization", "/models", "/model", "/generation", "/datasets/session-cost", "/credits", "/key", "/activity", "/analytics"];

    // Operations below these places that concern no bill.
    private static readonly string[] Elsewhere = ["GET /generation/content", "POST /generation/feedback", "POST /credits/coinbase"];

    // What the newer sources have added since the document was made that knows the operation.
    private static readonly Dictionary<string, string[]> Added = new()
    {
        ["GET /models/user"] = ["output_modalities"],
        ["PATCH /byok/{id}"] = ["is_required", "is_byok_only", "declared_zdr"],
    };

    // What says nothing about money or limits is not read.
    private static readonly string[] OfModels =
        ["total_count", "links", "benchmarks", "default_parameters", "hugging_face_id", "knowledge_cutoff", "supported_voices", "modality", "instruct_type", "tokenizer", "alias_target.name",
         "reasoning.default_effort", "reasoning.default_enabled", "reasoning.supported_efforts", "reasoning.supports_max_tokens", "description"];

    private static readonly string[] OfEndpoints =
        ["data.architecture", "data.created", "data.id", "data.name", "data.description", "endpoints.name", "model_id", "model_name", "latency_last_30m", "throughput_last_30m",
         "uptime_last_5m", "uptime_last_30m", "uptime_last_1d", "supports_implicit_caching", "supports_voice_cloning"];

    // The older twin of a member that is there, and a remark of the server to its readers.
    private static readonly string[] OfKeys = ["is_provisioning_key", "rate_limit.note"];

    // The newer document, and the older one for what the newer leaves out.
    private static readonly Lazy<OpenApiDocument[]> Documents = new(() => [OpenApiDocument.Load(Reference.Path("openrouter-billing.openapi.yaml")), OpenApiDocument.Load(Reference.Path("openrouter-openapi-2026-08-22.yaml.gz"))]);

    public static TheoryData<string> Names => [.. Operations.All.Keys];

    [Fact]
    public void Operations_OfBothDocuments_AllHaveAMethod()
    {
        var known = Documents.Value.SelectMany(document => document.Operations(Places)).Select(operation => operation.Replace("{workspace_ref}", "{id}", StringComparison.Ordinal)).Except(Elsewhere).ToHashSet();
        Assert.True(known.Count >= 48, $"The documents have only {known.Count} operations.");
        Assert.Empty(known.Except(Operations.All.Keys));
        Assert.Empty(Operations.All.Keys.Except(known));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Request_InEveryShape_KeepsTheSchema(string operation)
    {
        var (document, name) = Find(operation);
        foreach (var call in Operations.All[operation])
        {
            var answer = document.Answer(name);
            var handler = Answering(operation, answer.Status, (answer.Example ?? document.Generate(answer.Schema, new Random(1)))!.ToJsonString());
            await call(BillingClientKit.Over(handler));
            var sent = handler.Requests.Last(request => Matches(request, operation));
            Assert.Equal(WantsManagementKey(operation) ? TestData.ManagementKey : TestData.ApiKey, sent.Key);
            var query = sent.Query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=')[0]);
            Assert.Empty(query.Except(document.QueryParameters(name)).Except(AddedTo(operation)));
            if (document.RequestSchema(name) is { } schema)
            {
                Assert.Empty(FaultsOf(operation, document, JsonNode.Parse(sent.Body)!.AsObject(), schema));
            }
            else
            {
                Assert.Empty(sent.Body);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answer_OfTheExample_IsReadWhole(string operation)
    {
        var (document, name) = Find(operation);
        var (status, _, example) = document.Answer(name);
        Assert.NotNull(example);
        await CheckReadAsync(operation, status, example);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answer_OfAnyValueOfTheSchema_IsReadWhole(string operation)
    {
        var (document, name) = Find(operation);
        var (status, schema, _) = document.Answer(name);
        // A fixed start: a failure can be looked at again.
        var random = new Random(20_261_120);
        var read = 0;
        var taken = new HashSet<string>();
        for (var i = 0; i < Values; i++)
        {
            var value = document.Generate(schema, random)!;
            if (operation == "POST /analytics/query")
            {
                UsageOperations.FillRows(value, random);
            }

            taken.UnionWith(document.Taken(value, schema));
            read += await CheckReadAsync(operation, status, value);
        }

        var liberties = document.Liberties(schema).ToHashSet();
        Assert.Empty(liberties.Except(taken));
        TestContext.Current.TestOutputHelper?.WriteLine($"{operation}: {Values} values with all of {liberties.Count} nulls, absences and unheard-of words, {read} members read.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answer_WithAnyOneTruthTurnedAround_ReadsDifferently(string operation)
    {
        var (document, name) = Find(operation);
        var (status, schema, _) = document.Answer(name);
        var random = new Random(7);
        for (var i = 0; i < 20; i++)
        {
            var body = document.Generate(schema, random)!.AsObject();
            LeaveOut(operation, body);
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
        JsonSerializer.Serialize(await Operations.All[operation][0](BillingClientKit.Over(Answering(operation, status, body.ToJsonString()))));

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
        var result = await Operations.All[operation][0](BillingClientKit.Over(handler));
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
        LeaveOut(operation, copy);
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

    private static void LeaveOut(string operation, JsonNode body)
    {
        string[] names = operation.EndsWith("/endpoints", StringComparison.Ordinal) ? OfEndpoints : operation.StartsWith("GET /model", StringComparison.Ordinal) ? OfModels : operation == "GET /key" ? OfKeys : [];
        RemoveAll(body, "", names);
    }

    private static void RemoveAll(JsonNode? node, string holder, string[] names)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                RemoveAll(item, holder, names);
            }
        }
        else if (node is JsonObject members)
        {
            // On which day an override holds that is not on one of seven is nowhere to be read, only that its price is unknown.
            if (members["utc_days"] is JsonArray days && days.Any(day => !Enum.TryParse<DayOfWeek>((string?)day, ignoreCase: true, out _)))
            {
                members.Remove("utc_days");
            }

            foreach (var (name, value) in members.ToList())
            {
                if (names.Contains(name) || names.Contains($"{holder}.{name}"))
                {
                    members.Remove(name);
                    continue;
                }

                RemoveAll(value, name, names);
            }
        }
    }

    private static bool WantsManagementKey(string operation) =>
        operation != "GET /key" && Array.TrueForAll(["/model", "/generation", "/datasets"], place => !operation.Split(' ')[1].StartsWith(place, StringComparison.Ordinal));

    private static string[] AddedTo(string operation) => Added.TryGetValue(operation, out var names) ? names : [];

    // Members that are newer than the operation's document are as in the newer one's POST.
    private static IEnumerable<string> FaultsOf(string operation, OpenApiDocument document, JsonObject body, JsonNode schema)
    {
        var added = new JsonObject();
        foreach (var name in AddedTo(operation).Where(body.ContainsKey))
        {
            added[name] = body[name]?.DeepClone();
            body.Remove(name);
        }

        var newer = Documents.Value[0];
        var faults = added.Count == 0 ? [] : newer.Faults(added, newer.RequestSchema("POST /byok")!).Where(fault => !fault.Contains("lacks", StringComparison.Ordinal));
        return document.Faults(body, schema).Concat(faults);
    }

    internal static (OpenApiDocument Document, string Name) Find(string operation)
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

    private static bool Same(JsonNode? read, JsonNode? sent)
    {
        if (read is null || sent is null)
        {
            return false;
        }

        var (given, wanted) = (read.ToString(), sent.ToString());
        return (read.GetValueKind(), sent.GetValueKind()) switch
        {
            (JsonValueKind.Number, JsonValueKind.Number) => Number(given) == Number(wanted),
            // A price is a text on the wire, and a day a word.
            (JsonValueKind.Number, JsonValueKind.String) => Number(given) == Number(wanted) || (Enum.TryParse<DayOfWeek>(wanted, ignoreCase: true, out var day) && (int)day == Number(given)),
            // Milliseconds, seconds since 1970, or hours and minutes in one number.
            (JsonValueKind.String, JsonValueKind.Number) =>
                (TimeSpan.TryParseExact(given, "c", CultureInfo.InvariantCulture, out var time) && ((decimal)time.Ticks / TimeSpan.TicksPerMillisecond == Number(wanted) || (time.Hours * 100) + time.Minutes == Number(wanted)))
                || (DateTimeOffset.TryParse(given, CultureInfo.InvariantCulture, out var instant) && instant.ToUnixTimeSeconds() == Number(wanted)),
            (JsonValueKind.String, JsonValueKind.String) => given == wanted
                || (DateTimeOffset.TryParse(given, CultureInfo.InvariantCulture, out var first) && DateTimeOffset.TryParse(wanted, CultureInfo.InvariantCulture, out var second) && first == second),
            var (one, other) => one == other && given == wanted,
        };
    }

    private static decimal? Number(string text) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
