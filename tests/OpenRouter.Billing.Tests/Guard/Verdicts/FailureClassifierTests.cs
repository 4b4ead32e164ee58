using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>Every row of the table of refusals, and every recorded one.</summary>
public sealed class FailureClassifierTests
{
    private static readonly DateTimeOffset Now = new(2026, 4, 22, 10, 30, 0, TimeSpan.Zero);

    // Answers that were kept because they are easily taken for refusals.
    private static readonly string[] NoRefusals = ["p25-200-credits-zeros", "p27-200-key-old-shape", "p28-200-cost-exponent"];

    private static readonly Dictionary<string, BillingCause> Names = new()
    {
        ["account_credits"] = BillingCause.AccountCredits,
        ["never_funded"] = BillingCause.NeverFunded,
        ["key_limit"] = BillingCause.KeyLimit,
        ["in_flight_budget"] = BillingCause.InFlightBudget,
        ["minimum_balance"] = BillingCause.MinimumBalance,
        ["free_daily"] = BillingCause.FreeRequestsPerDay,
        ["free_minute"] = BillingCause.FreeRequestsPerMinute,
        ["guardrail_budget"] = BillingCause.GuardrailBudget,
        ["member_budget"] = BillingCause.MemberBudget,
        ["workspace_budget"] = BillingCause.WorkspaceBudget,
        ["permission"] = BillingCause.Permission,
        ["authentication"] = BillingCause.Authentication,
        ["provider_rate_limit"] = BillingCause.ProviderRateLimit,
        ["provider_overloaded"] = BillingCause.ProviderOverloaded,
        ["prompt_injection"] = BillingCause.PromptInjection,
        ["moderation"] = BillingCause.Moderation,
        ["mid_stream"] = BillingCause.MidStream,
        ["validation"] = BillingCause.Validation,
        ["unknown"] = BillingCause.Unknown,
    };

    public static TheoryData<string> OwnCases() => [.. FailureCases.All.Select(failure => failure.Name)];

    [Theory]
    [MemberData(nameof(OwnCases))]
    public void Classify_EachRowOfTheTable_SaysWhatTheRowSays(string name)
    {
        var expected = FailureCases.All.Single(failure => failure.Name == name);

        var verdict = Classify(expected.Status, expected.Headers, expected.Body)!;

        Assert.Equal(expected.Cause, verdict.Cause);
        Assert.Equal(expected.IsRetryable, verdict.IsRetryable);
        Assert.Equal(expected.OpensAt is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : null, verdict.OpensAt);
        Assert.Equal(expected.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null, verdict.RetryAfter);
        Assert.Equal((expected.Requested, expected.Affordable), (verdict.RequestedTokens, verdict.AffordableTokens));
        Assert.Equal(BillingVerdictOrigin.Answered, verdict.Origin);
        Assert.Equal(FailureCases.Now, verdict.CheckedAt);
        Assert.NotEmpty(verdict.Remedy);
    }

    [Fact]
    public void Classify_AnswerTellsNumbers_TheyAreAmongTheLimitsLookedAt()
    {
        var verdict = Classify(403, null, """{"error":{"code":403,"message":"Key limit exceeded (daily limit). $20.05 of $20.00 used."}}""")!;

        Assert.Same(verdict.Limit, Assert.Single(verdict.Limits));
        Assert.Equal((20m, 20.05m, -0.05m), (verdict.Limit!.Capacity, verdict.Limit.Used, verdict.Limit.Remaining));
    }

    [Fact]
    public void Classify_ByteOrderMarkBeforeTheBody_IsPassedOver() =>
        Assert.Equal(BillingCause.AccountCredits, Classify(402, null, "\uFEFF" + """{"error":{"code":402,"message":"Insufficient credits. Add more."}}""")!.Cause);

    [Fact]
    public void Classify_EachRecordedAnswer_SaysWhatIsExpectedOfIt()
    {
        var fixtures = Reference.Json("real-errors.json").AsArray();
        var wrong = fixtures.Select(fixture => Difference(fixture!)).OfType<string>().ToArray();

        var causes = fixtures.GroupBy(fixture => (string)fixture!["expect"]!["cause"]!).OrderBy(group => group.Key, StringComparer.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{fixtures.Count} recorded answers, {fixtures.Count - wrong.Length} as expected: {string.Join(", ", causes.Select(group => $"{group.Count()} {group.Key}"))}.");
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
        Assert.Equal(84, fixtures.Count);
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"hello"},"finish_reason":"stop"}],"usage":{"cost":0.1}}""")]
    [InlineData("""{"choices":[{"message":{"content":"an error happened"}}],"error":null}""")]
    [InlineData("""{"id":"resp_1","status":"completed","error":null,"output":[]}""")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":null}]}\n\ndata: [DONE]\n\n")]
    [InlineData("not JSON at all")]
    [InlineData("")]
    public void Classify_AnswerThatIsNoFailure_SaysNothing(string body) => Assert.Null(Classify(200, null, body));

    [Fact]
    public void Classify_TextsThatMayQuoteThePrompt_AreNotKept()
    {
        const string Canary = "canary-prompt-4711";
        var body = $$$"""{"error":{"code":403,"message":"Request blocked: {{{Canary}}}","metadata":{"patterns":["{{{Canary}}}"],"raw":"{{{Canary}}}","flagged_input":"{{{Canary}}}"} } }""";

        var verdict = Classify(403, null, body)!;

        Assert.Equal(BillingCause.PromptInjection, verdict.Cause);
        Assert.DoesNotContain(Canary, verdict.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1e300")]
    [InlineData("-5")]
    [InlineData("99999999999999999999")]
    [InlineData("3000000000000")]
    public void Classify_ResetThatNobodyMeans_ClosesNothingForGood(string reset)
    {
        var verdict = Classify(429, new() { ["X-RateLimit-Reset"] = reset }, """{"error":{"message":"Rate limit exceeded: free-models-per-min","code":429}}""")!;

        Assert.Null(verdict.OpensAt);
    }

    [Fact]
    public void Classify_NumbersOfASpentCap_AreRead()
    {
        var text = Classify(403, null, """{"message":"Key limit exceeded (weekly limit). Manage it using https://openrouter.ai/settings/keys $20.05 of $20.00 used; resets 2026-04-27T00:00:00.000Z.","code":403}""")!;
        var members = Classify(403, null, """{"error":{"code":403,"message":"Budget limit exceeded (weekly limit).","metadata":{"scope":"member","limit_usd":50,"spend_usd":50.25,"resets_at":"2026-04-27T00:00:00Z"}}}""")!;

        Assert.Equal((20.00m, 20.05m, -0.05m), (text.Limit!.Capacity, text.Limit.Used, text.Limit.Remaining));
        Assert.Equal((50m, 50.25m), (members.Limit!.Capacity, members.Limit.Used));
        Assert.False(text.Limit.HasRoom);
    }

    private static string? Difference(JsonNode fixture)
    {
        var id = (string)fixture["id"]!;
        var expect = fixture["expect"]!;
        var headers = fixture["headers"]!.AsObject().ToDictionary(header => header.Key, header => (string)header.Value!);
        var verdict = Classify((int)fixture["status"]!, headers, (string)fixture["body"]!);
        if (NoRefusals.Contains(id))
        {
            return verdict is null ? null : $"{id}: is no refusal and was taken for {verdict.Cause}.";
        }

        var wait = (double?)expect["retry_after_seconds"] is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        // A wait is also told as the instant at which it ends.
        var opensAt = Opens((string?)expect["opens_at"]) ?? Now + wait;
        var expected = (Names[(string)expect["cause"]!], (bool)expect["retryable"]!, wait, opensAt, (long?)expect["affordable_tokens"], (long?)expect["requested_tokens"]);
        var actual = (verdict!.Cause, verdict.IsRetryable, verdict.RetryAfter, verdict.OpensAt, verdict.AffordableTokens, verdict.RequestedTokens);
        return expected == actual ? null : $"{id}: expected {expected}, got {actual}.";
    }

    private static DateTimeOffset? Opens(string? text) => text switch
    {
        null => null,
        "calendar:daily" => new(2026, 4, 23, 0, 0, 0, TimeSpan.Zero),
        "calendar:weekly" => new(2026, 4, 27, 0, 0, 0, TimeSpan.Zero),
        "calendar:monthly" => new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero),
        _ => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture),
    };

    private static BillingVerdict? Classify(int status, Dictionary<string, string>? headers, string body) =>
        FailureClassifier.Classify(status, FailureHeaders.From(headers), Encoding.UTF8.GetBytes(body), Now);
}
