using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Sandbox.Tests;

/// <summary>Compares the sandbox with recorded traffic where the folder with the recordings is at hand.</summary>
public sealed partial class ReferenceTests
{
    public static TheoryData<string> RefusalNames => [.. Refusals.Keys];

    private static Dictionary<string, Func<SandboxKey, Refusal>> Refusals { get; } = new()
    {
        ["missing header"] = _ => Refused.MissingHeader,
        ["management only"] = _ => Refused.ManagementKeysOnly,
        ["no input"] = _ => Refused.NoInput,
        ["unknown model"] = _ => Refused.UnknownModel("nonexistent/not-a-model:free"),
        ["unknown generation"] = _ => Refused.UnknownGeneration("gen-abc123"),
        ["unknown workspace"] = _ => Refused.UnknownWorkspace,
        ["key cap"] = key => Refused.BudgetSpent(Spent("key_limit"), key),
        ["guardrail"] = key => Refused.BudgetSpent(Spent("member"), key),
        ["workspace"] = key => Refused.BudgetSpent(Spent("workspace"), key),
        ["no credits"] = _ => Refused.NoCredits,
        ["never funded"] = _ => Refused.NeverFunded,
        ["free day"] = _ => Refused.FreeDay(50, false, SandboxFixture.Start),
        ["free day, high balance"] = _ => Refused.FreeDay(1000, true, SandboxFixture.Start),
        ["too expensive"] = _ => Refused.TooExpensive(16384, 8559, everFunded: true),
        ["too expensive, unpaid"] = _ => Refused.TooExpensive(16384, 8559, everFunded: false),
        ["too expensive for key"] = key => Refused.TooExpensiveForKey(64000, 12789, key),
        ["in flight"] = _ => Refused.InFlight(TimeSpan.FromMinutes(2)),
    };

    [Theory]
    [MemberData(nameof(RefusalNames))]
    public async Task Refusal_OfEachKind_ReadsLikeTheRecordedOne(string name)
    {
        string folder = Reference.Path(string.Empty);
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        Refusal refusal = Refusals[name](fixture.Account.CreateKey());
        JsonArray recorded = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "real-errors.json"), SandboxFixture.Cancelled))!.AsArray();

        JsonNode[] alike = [.. recorded
            .Where(each => (int)each!["status"]! == refusal.Status)
            .Select(each => Envelope((string)each!["body"]!))
            .Where(error => error is not null && Pattern((string?)error["message"] ?? "") == Pattern(refusal.Message))
            .Select(error => error!)];

        Assert.NotEmpty(alike);
        string?[] sources = [.. alike.Select(error => (string?)error["metadata"]?["limit_source"])];
        Assert.True(
            sources.Contains(refusal.LimitSource) || sources.All(source => source is null),
            $"The recorded ones say {string.Join(", ", sources)}, not {refusal.LimitSource}; only the older ones say nothing.");
    }

    [Theory]
    [InlineData("062-key-200.json", "key")]
    [InlineData("060-generation-200.json", "generation")]
    [InlineData("001-chat-leading-whitespace.json", "chat")]
    [InlineData("020-stream-comments-usage.json", "stream")]
    [InlineData("031-responses-stream.json", "responses")]
    public async Task Answer_OfEachKind_HasEveryRecordedMember(string recording, string kind)
    {
        string folder = Reference.Path(string.Empty);
        JsonNode recorded = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "recordings", recording), SandboxFixture.Cancelled))!;
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.GenerationDelay = TimeSpan.Zero);
        Reply real = new(200, (string)recorded["response"]!["body"]!, new Dictionary<string, string>());

        Reply ours = kind switch
        {
            "key" => await fixture.GetAsync("key"),
            "generation" => await fixture.GetAsync("generation?id=" + (await fixture.PostAsync(SandboxFixture.Chat())).Headers["X-Generation-Id"]),
            "responses" => await fixture.PostAsync(SandboxFixture.Chat(stream: true), path: "responses"),
            _ => await fixture.PostAsync(SandboxFixture.Chat(stream: kind == "stream")),
        };

        string[] missing = kind is "stream" or "responses"
            ? [.. Missing(UsageOf(real.Events[^1]), UsageOf(ours.Events[^1]), "usage")]
            : [.. Missing(real.Json, ours.Json, "")];
        Assert.Empty(missing);
    }

    private static BudgetStanding Spent(string scope) => new()
    {
        Scope = scope,
        Limit = 500m,
        Spent = 500.1m,
        ResetInterval = "monthly",
        ResetsAt = SandboxFixture.Start,
    };

    private static JsonNode? Envelope(string body)
    {
        if (!body.TrimStart().StartsWith('{'))
        {
            return null;
        }

        JsonNode json = JsonNode.Parse(body)!;
        return json["error"] as JsonObject ?? json;
    }

    private static JsonNode UsageOf(JsonNode chunk) => chunk["usage"] ?? chunk["response"]!["usage"]!;

    /// <summary>Cuts out what differs from call to call: ids, amounts, windows.</summary>
    private static string Pattern(string message) => Varying().Replace(message, "#");

    private static IEnumerable<string> Missing(JsonNode? real, JsonNode? ours, string path) => (real, ours) switch
    {
        (JsonObject expected, JsonObject actual) => expected.SelectMany(member => actual.TryGetPropertyValue(member.Key, out JsonNode? value)
            ? Missing(member.Value, value, $"{path}/{member.Key}")
            : [$"{path}/{member.Key}"]),
        (JsonArray { Count: > 0 } expected, JsonArray { Count: > 0 } actual) => Missing(expected[0], actual[0], path),
        _ => [],
    };

    [GeneratedRegex(@"(?<=keys/)[\w-]+|gen-\S+|\$?\d+(\.\d+)?|daily|weekly|monthly|total")]
    private static partial Regex Varying();
}
