using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Tests.Api;

/// <summary>Every recorded refusal, answered to a billing call. What is expected is found in the raw JSON by a search of its own.</summary>
public sealed class RecordedErrorTests
{
    // Answers that were kept because they are easily taken for refusals.
    private static readonly string[] NoRefusals = ["p25-200-credits-zeros", "p27-200-key-old-shape", "p28-200-cost-exponent"];

    [Theory]
    [InlineData("GET /key")]
    [InlineData("GET /credits")]
    public async Task BillingCall_AnsweredWithEachRecordedRefusal_ThrowsWhatItsBodySays(string call)
    {
        var fixtures = Reference.Json("real-errors.json").AsArray();
        var tally = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var fixture in fixtures.Where(fixture => !NoRefusals.Contains((string)fixture!["id"]!)))
        {
            var id = (string)fixture!["id"]!;
            var expected = Expectation.From(fixture);
            var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => SendAsync(call, fixture));
            Equal(id, "status", (int)fixture["status"]!, (int)exception.StatusCode);
            Equal(id, "code", expected.Code, exception.ErrorCode);
            Equal(id, "error type", expected.ErrorType, exception.ErrorType);
            Equal(id, "limit source", expected.LimitSource, exception.LimitSource);
            Equal(id, "retry hint", expected.RetryAfter, exception.RetryAfter);
            Equal(id, "generation", expected.GenerationId, exception.GenerationId);
            CheckSentence(id, expected.Message, exception);
            Assert.StartsWith(call + " was answered with " + (int)exception.StatusCode, exception.Message, StringComparison.Ordinal);
            Count(tally, "refusals", true);
            Count(tally, "with code", exception.ErrorCode is not null);
            Count(tally, "with sentence", exception.ServerMessage is not null);
            Count(tally, "with error_type", exception.ErrorType is not null);
            Count(tally, "with limit_source", exception.LimitSource is not null);
            Count(tally, "with retry hint", exception.RetryAfter is not null);
            Count(tally, "with generation id", exception.GenerationId is not null);
        }

        Report(call, fixtures.Count, tally);
        Assert.Equal(fixtures.Count - NoRefusals.Length, tally["refusals"]);
        // A reader that finds nothing would agree with a search that finds nothing.
        Assert.All(["with code", "with sentence", "with error_type", "with limit_source", "with retry hint", "with generation id"], fact => Assert.True(tally[fact] > 0, fact));
    }

    [Fact]
    public async Task BillingCall_AnsweredWithWhatIsNoRefusal_ReadsItAsWhatItIs()
    {
        var fixtures = Reference.Json("real-errors.json").AsArray();
        var zeros = await Client(Fixture(fixtures, "p25-200-credits-zeros")).Credits.GetAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0m, 0m), (zeros.TotalCredits, zeros.TotalUsage));

        var old = await Client(Fixture(fixtures, "p27-200-key-old-shape")).Keys.GetCurrentAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("10s", 40L), (old.LegacyRateLimit!.Interval, old.LegacyRateLimit.Requests));
        Assert.False(old.IsLimitKnown);
        Assert.Null(old.Usage.Total);

        // The body of a completion: an answer, but to another question.
        foreach (var call in new[] { "GET /key", "GET /credits" })
        {
            var foreign = await Assert.ThrowsAsync<OpenRouterApiException>(() => SendAsync(call, Fixture(fixtures, "p28-200-cost-exponent")));
            Assert.Contains("without 'data'", foreign.Message, StringComparison.Ordinal);
            Assert.Null(foreign.ErrorCode);
        }
    }

    [Fact]
    public async Task BillingCall_AnsweredAsRecorded_ReadsTheRecordedNumbers()
    {
        var key = await Client(Recording("062-key-200.json")).Keys.GetCurrentAsync(TestContext.Current.CancellationToken);
        Assert.True(key.IsLimitKnown);
        Assert.Equal((1m, 1m, (ResetInterval?)null), (key.Limit, key.Remaining, key.Reset));
        Assert.Equal((2L, 1000L, 998L), (key.FreeModelDailyRequests!.Used, key.FreeModelDailyRequests.Limit, key.FreeModelDailyRequests.Remaining));
        Assert.Null(key.Budgets);
        Assert.Null(key.EffectiveBudget);
        Assert.Equal(-1, key.LegacyRateLimit!.Requests);

        var credits = await Client(Recording("063-credits-200.json")).Credits.GetAsync(TestContext.Current.CancellationToken);
        Assert.Equal((60m, 54.561828163m, 5.438171837m), (credits.TotalCredits, credits.TotalUsage, credits.Remaining));
    }

    private static void CheckSentence(string id, string? raw, OpenRouterApiException exception)
    {
        if (raw is null)
        {
            Assert.Null(exception.ServerMessage);
            return;
        }

        // Links name keys and workspaces, so a sentence is kept up to its first link word for word.
        var link = raw.IndexOf("http", StringComparison.Ordinal);
        var words = string.Join(' ', (link < 0 ? raw : raw[..link]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        words = words.Length > 300 ? words[..300] : words;
        Assert.True(exception.ServerMessage!.StartsWith(words, StringComparison.Ordinal), $"{id}: '{exception.ServerMessage}' does not begin with '{words}'.");
        Assert.Contains(exception.ServerMessage, exception.Message, StringComparison.Ordinal);
        var shown = exception.ToString();
        Assert.DoesNotContain("http", shown, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("user_", shown, StringComparison.Ordinal);
    }

    private static Task SendAsync(string call, JsonNode fixture) =>
        call == "GET /key"
            ? Client(fixture).Keys.GetCurrentAsync(TestContext.Current.CancellationToken)
            : Client(fixture).Credits.GetAsync(TestContext.Current.CancellationToken);

    private static OpenRouterBillingClient Client(JsonNode fixture) => BillingClientKit.Over(new StubHandler().OnAny(() =>
    {
        var response = StubHandler.Json((string)fixture["body"]!, (HttpStatusCode)(int)fixture["status"]!);
        foreach (var (name, value) in fixture["headers"]!.AsObject())
        {
            if (!response.Headers.TryAddWithoutValidation(name, (string)value!))
            {
                response.Content.Headers.Remove(name);
                response.Content.Headers.TryAddWithoutValidation(name, (string)value!);
            }
        }

        return response;
    }));

    private static JsonNode Fixture(JsonArray fixtures, string id) => fixtures.Single(fixture => (string)fixture!["id"]! == id)!;

    private static JsonNode Recording(string file) => Reference.Json(Path.Combine("recordings", file))["response"]!;

    private static void Equal<T>(string id, string what, T expected, T actual) =>
        Assert.True(EqualityComparer<T>.Default.Equals(expected, actual), $"{id}: {what} should be '{expected}' and is '{actual}'.");

    private static void Count(SortedDictionary<string, int> tally, string fact, bool holds) => tally[fact] = tally.GetValueOrDefault(fact) + (holds ? 1 : 0);

    private static void Report(string call, int fixtures, SortedDictionary<string, int> tally) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"{call}: {fixtures} fixtures; {string.Join(", ", tally.Select(fact => $"{fact.Value} {fact.Key}"))}.");

    /// <summary>What a body says, found by walking all of it instead of knowing its shapes.</summary>
    private sealed record Expectation(string? Code, string? Message, string? ErrorType, string? LimitSource, TimeSpan? RetryAfter, string? GenerationId)
    {
        public static Expectation From(JsonNode fixture)
        {
            var text = (string)fixture["body"]!;
            var data = text.Split('\n').LastOrDefault(line => line.StartsWith("data: {", StringComparison.Ordinal));
            var root = JsonNode.Parse(data is null ? text : data[6..])!.AsObject();
            var objects = Objects(root).ToList();
            var error = objects.Find(pair => pair.Name == "error").Value ?? root;
            var hint = Header(fixture, "Retry-After") ?? Member(objects, "Retry-After") ?? Member(objects, "retry_after_seconds");
            return new Expectation(
                Scalar(error["code"]) ?? Scalar(error["type"]) ?? Scalar(error["name"]),
                Scalar(error["message"]),
                Member(objects, "error_type"),
                Member(objects, "limit_source"),
                hint is null ? null : TimeSpan.FromSeconds(double.Parse(hint, CultureInfo.InvariantCulture)),
                Header(fixture, "X-Generation-Id") ?? Scalar((root["response"] ?? root)["id"]));
        }

        private static IEnumerable<(string Name, JsonObject Value)> Objects(JsonObject parent, string name = "")
        {
            yield return (name, parent);
            foreach (var (member, value) in parent)
            {
                // Earlier attempts have errors of their own, which are not the answer's.
                var children = member == "previous_errors" ? [] : value is JsonArray array ? array.OfType<JsonObject>() : new[] { value }.OfType<JsonObject>();
                foreach (var found in children.SelectMany(child => Objects(child, member)))
                {
                    yield return found;
                }
            }
        }

        private static string? Member(List<(string Name, JsonObject Value)> objects, string name) =>
            objects.Select(pair => Scalar(pair.Value[name])).FirstOrDefault(value => value is not null);

        private static string? Scalar(JsonNode? node) =>
            node is JsonValue value && value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number ? node.ToString() : null;

        private static string? Header(JsonNode fixture, string name) => (string?)fixture["headers"]![name];
    }
}
