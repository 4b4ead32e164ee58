using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Tests.Api;

/// <summary>The schema's own examples, and what becomes of them when the server leaves out, nulls, renames or rewrites any member.</summary>
public sealed class SchemaExampleTests
{
    // Without these an answer means nothing. Every other member may be missing, whatever the schema requires.
    private static readonly string[] Essential = ["data", "data.total_credits", "data.total_usage", "data.0.date", "data.id", "data.total_cost"];

    public static TheoryData<string, int> Paths => new() { { "/credits", 3 }, { "/key", 45 }, { "/activity", 12 }, { "/generation", 38 } };

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Example_AsItIs_ReadsEveryMember(string path, int atLeast)
    {
        var example = Load(path);
        Assert.True(example.Members.Count >= atLeast, $"{path}: the walk found only {example.Members.Count} members.");
        var leaves = Leaves(await ReadAsync(path, example.Answer.ToJsonString())).ToList();
        foreach (var member in example.Members.Where(member => member.Value is JsonValue && !IsIgnored(member)))
        {
            Assert.True(leaves.Any(leaf => Same(leaf.Value, member.Value)), $"{path}: {member} is read nowhere.");
        }

        Report(path, "members read", example.Members.Count);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Example_WithoutAnyOneMember_StillReadsAllOthers(string path, int atLeast)
    {
        var example = Load(path);
        var whole = await LeavesOfAsync(path, example.Answer.ToJsonString());
        foreach (var member in example.Members)
        {
            var body = example.With(member, _ => null, remove: true);
            if (IsEssential(member))
            {
                var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => ReadAsync(path, body));
                Assert.Contains($"without '{member.Path[0]}", exception.Message, StringComparison.Ordinal);
                continue;
            }

            CheckOnlyItselfChanged(path, member, whole, await LeavesOfAsync(path, body));
        }

        Assert.True(example.Members.Count >= atLeast);
        Report(path, $"removals, {example.Members.Count(member => !member.IsRequired)} of optional and {example.Members.Count(member => member.IsRequired)} of required members", example.Members.Count);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Example_WithAnyOneMemberNull_StillReadsAllOthers(string path, int atLeast)
    {
        var example = Load(path);
        var whole = await LeavesOfAsync(path, example.Answer.ToJsonString());
        foreach (var member in example.Members)
        {
            // Null is announced for some members only, but widening to null has happened before.
            var body = example.With(member, _ => null);
            if (IsEssential(member))
            {
                await Assert.ThrowsAsync<OpenRouterApiException>(() => ReadAsync(path, body));
                continue;
            }

            var changed = await LeavesOfAsync(path, body);
            CheckOnlyItselfChanged(path, member, whole, changed);
            if (member is { Value: JsonValue } && !IsIgnored(member) && member.Name is not ("remaining_usd" or "is_management_key" or "is_provisioning_key" or "remaining"))
            {
                Assert.True(!SameLeaves(whole, changed), $"{path}: {member} is null and reads as if it were not.");
            }
        }

        Assert.True(example.Members.Count >= atLeast);
        Report(path, $"nulls, {example.Members.Count(member => member.IsNullable)} of them announced", example.Members.Count);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Example_WithUnheardOfWords_KeepsThem(string path, int _)
    {
        var example = Load(path);
        var count = 0;
        foreach (var member in example.Members.Where(member => member.IsEnum || member.Name is "limit_reset" or "provider_name" or "model"))
        {
            var leaves = await LeavesOfAsync(path, example.With(member, _ => JsonValue.Create("unheard_of")));
            Assert.Contains(leaves, leaf => Same(leaf.Value, JsonValue.Create("unheard_of")));
            count++;
        }

        if (path == "/key")
        {
            var regions = example.Members.Single(member => member.Name == "allowed_data_regions");
            var body = example.With(regions, _ => new JsonArray("mars", null, 7));
            Assert.Equal(["mars", "7"], ((ApiKeyStatus)await ReadAsync(path, body)).AllowedDataRegions);
            Assert.True(count >= 5, $"Only {count} words were tried.");
        }

        Report(path, "unheard-of words", count);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Example_WithNewMembers_ReadsAsBefore(string path, int _)
    {
        var example = Load(path);
        var whole = await LeavesOfAsync(path, example.Answer.ToJsonString());
        var deep = JsonNode.Parse(string.Concat(Enumerable.Repeat("{\"a\":[", 25)) + "1" + string.Concat(Enumerable.Repeat("]}", 25)));
        JsonNode?[] news = [null, 1, "text", true, new JsonObject(), new JsonArray(1, "a", null), deep, new JsonObject { ["data"] = 1, ["error"] = "no" }];
        var count = 0;
        foreach (var news1 in news)
        {
            var copy = example.Answer.DeepClone();
            foreach (var target in Objects(copy).ToList())
            {
                foreach (var name in new[] { "brand_new", "Data", "LIMIT", "", "$ref", "$type" })
                {
                    target[name] = news1?.DeepClone();
                    count++;
                }
            }

            Assert.True(SameLeaves(whole, await LeavesOfAsync(path, copy.ToJsonString())), $"{path}: a new member {news1?.ToJsonString()} changed what was read.");
        }

        Report(path, "new members", count);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Example_WithNumbersSpelledOtherwise_ReadsTheSameNumbers(string path, int _)
    {
        var example = Load(path);
        var whole = await LeavesOfAsync(path, example.Answer.ToJsonString());
        var count = 0;
        foreach (var member in example.Members.Where(IsNumber))
        {
            var number = decimal.Parse(member.Value!.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
            foreach (var spelling in Spellings(number))
            {
                var changed = await LeavesOfAsync(path, example.With(member, _ => JsonNode.Parse(spelling)));
                Assert.True(SameLeaves(whole, changed), $"{path}: {member} written as {spelling} reads otherwise.");
                count++;
            }
        }

        Report(path, "spellings", count);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Example_WithAmountsThatBinaryFloatingPointLoses_ReadsThemExactly(string path, int _)
    {
        var example = Load(path);
        (string Written, decimal Amount)[] amounts =
        [
            ("7.30025e-05", 0.0000730025m), ("3E-7", 0.0000003m), ("0.0003120166666666667", 0.0003120166666666667m), ("0.0051234567000000003", 0.0051234567000000003m),
            ("12345678901234567.89", 12345678901234567.89m), ("-0.1", -0.1m), ("1e+3", 1000m), ("\"9.5E-05\"", 0.000095m), ("999999999999999999999999999", 999999999999999999999999999m),
        ];
        var count = 0;
        foreach (var member in example.Members.Where(member => IsNumber(member) && !IsCount(member)))
        {
            foreach (var (written, amount) in amounts)
            {
                var leaves = await LeavesOfAsync(path, example.With(member, _ => JsonNode.Parse(written)));
                Assert.True(leaves.Any(leaf => leaf.Value is JsonValue value && value.TryGetValue<decimal>(out var read) && read == amount), $"{path}: {member} lost {written}.");
                count++;
            }
        }

        Report(path, "amounts", count);
    }

    private static IEnumerable<string> Spellings(decimal number)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        var scale = number.Scale;
        var digits = (number * (decimal)Math.Pow(10, scale)).ToString("0", CultureInfo.InvariantCulture);
        yield return $"\"{text}\"";
        yield return $"{text}e0";
        yield return $"{digits}e-{scale}";
        yield return number == 0 ? "0E-3" : $"{digits}000E-{scale + 3}";
        yield return $"\"{digits}.0E-{scale}\"";
        yield return text.Contains('.', StringComparison.Ordinal) ? text + "000" : text + ".000";
    }

    private static void CheckOnlyItselfChanged(string path, OpenApiExample.Member member, List<Leaf> whole, List<Leaf> changed)
    {
        var mine = Math.Max(1, CountLeaves(member.Value));
        // One more for what is derived from it: whether the limit is known, what is left.
        var lost = whole.Count(leaf => !changed.Exists(other => other.Path == leaf.Path && Same(other.Value, leaf.Value)));
        Assert.True(lost <= mine + 1, $"{path}: without {member} {lost} values changed instead of at most {mine + 1}.");
    }

    private static int CountLeaves(JsonNode? node) => node switch
    {
        JsonObject members => members.Sum(member => CountLeaves(member.Value)),
        JsonArray items => items.Sum(CountLeaves),
        _ => 1,
    };

    private static OpenApiExample Load(string path) => new(Reference.Path("openrouter-billing.openapi.yaml"), path);

    private static bool IsEssential(OpenApiExample.Member member) => Essential.Contains(member.ToString());

    private static bool IsNumber(OpenApiExample.Member member) => member.Value?.GetValueKind() == JsonValueKind.Number;

    private static bool IsCount(OpenApiExample.Member member) =>
        member.Name is "requests" or "used" or "remaining" or "app_id" or "latency" or "moderation_latency" or "generation_time"
        || member.Name.StartsWith("num_", StringComparison.Ordinal) || member.Name.Contains("tokens_", StringComparison.Ordinal) || member.Name.EndsWith("_tokens", StringComparison.Ordinal) || member.ToString() == "data.free_model_daily_requests.limit";

    // The older twin of a member that is there, and a remark of the server to its readers.
    private static bool IsIgnored(OpenApiExample.Member member) => member.Name is "is_provisioning_key" or "note";

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject members => [members, .. members.SelectMany(member => Objects(member.Value))],
        JsonArray items => items.SelectMany(Objects),
        _ => [],
    };

    private static async Task<List<Leaf>> LeavesOfAsync(string path, string body) => [.. Leaves(await ReadAsync(path, body))];

    private static async Task<object> ReadAsync(string path, string body)
    {
        var client = BillingClientKit.Answering(body);
        var cancellationToken = TestContext.Current.CancellationToken;
        return path switch
        {
            "/credits" => await client.Credits.GetAsync(cancellationToken),
            "/generation" => await client.Generations.GetAsync("gen-any", cancellationToken),
            "/key" => await client.Keys.GetCurrentAsync(cancellationToken),
            _ => await client.Activity.ListAsync(cancellationToken: cancellationToken),
        };
    }

    private static IEnumerable<Leaf> Leaves(object result) => Leaves(JsonSerializer.SerializeToNode(result), string.Empty);

    private static IEnumerable<Leaf> Leaves(JsonNode? node, string path) => node switch
    {
        JsonObject members => members.SelectMany(member => Leaves(member.Value, path + "." + member.Key)),
        JsonArray items => items.SelectMany((item, i) => Leaves(item, $"{path}[{i}]")),
        _ => [new Leaf(path, node)],
    };

    private static bool SameLeaves(List<Leaf> one, List<Leaf> other) =>
        one.Count == other.Count && one.Zip(other).All(pair => pair.First.Path == pair.Second.Path && Same(pair.First.Value, pair.Second.Value));

    private static bool Same(JsonNode? one, JsonNode? other)
    {
        if (one is null || other is null)
        {
            return one is null && other is null;
        }

        if (one.GetValueKind() == JsonValueKind.Number && other.GetValueKind() == JsonValueKind.Number)
        {
            return Number(one) == Number(other);
        }

        // A time is read from milliseconds.
        if (TimeSpan.TryParseExact(one.ToString(), "c", CultureInfo.InvariantCulture, out var time) && other.GetValueKind() == JsonValueKind.Number)
        {
            return (decimal)time.TotalMilliseconds == Number(other);
        }

        return one.GetValueKind() == other.GetValueKind()
            && (one.ToString() == other.ToString()
                || (DateTimeOffset.TryParse(one.ToString(), CultureInfo.InvariantCulture, out var first) && DateTimeOffset.TryParse(other.ToString(), CultureInfo.InvariantCulture, out var second) && first == second));
    }

    private static decimal Number(JsonNode node) => decimal.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static void Report(string path, string what, int count) => TestContext.Current.TestOutputHelper?.WriteLine($"{path}: {count} {what}.");

    private sealed record Leaf(string Path, JsonNode? Value);
}
