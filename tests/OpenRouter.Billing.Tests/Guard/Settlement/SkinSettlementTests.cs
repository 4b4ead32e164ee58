using System.Globalization;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>What each way of being billed comes to on the three skins, whole and streamed.</summary>
public sealed class SkinSettlementTests
{
    private static readonly (string Skin, string Whole, string Stream)[] Skins =
    [
        (
            "chat",
            """{"id":"gen-1","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":""}}],USAGE}""",
            """
                data: {"id":"gen-1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

                data: {"id":"gen-1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],USAGE}

                data: [DONE]


                """
        ),
        (
            "responses",
            """{"id":"gen-1","object":"response","status":"completed","error":null,"output":[],USAGE}""",
            """
                data: {"type":"response.created","response":{"id":"gen-1","status":"in_progress","error":null,"usage":null},"sequence_number":0}

                data: {"type":"response.completed","response":{"id":"gen-1","status":"completed","error":null,"output":[],USAGE},"sequence_number":1}

                data: [DONE]


                """
        ),
        (
            "messages",
            """{"id":"gen-1","type":"message","role":"assistant","content":[],"stop_reason":"end_turn",USAGE}""",
            """
                event: message_start
                data: {"type":"message_start","message":{"id":"gen-1","type":"message","content":[],"usage":{"input_tokens":9,"output_tokens":0}}}

                event: message_delta
                data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},USAGE}

                event: message_stop
                data: {"type":"message_stop"}

                event: data
                data: [DONE]


                """
        ),
    ];

    // What the usage says, what the head says of the response cache, and what is booked without and with the account's own keys.
    private static readonly (string What, string Usage, string? Cache, string Cost, string WithByok)[] Bills =
    [
        ("plain", """ "usage":{"cost":0.0021,"is_byok":false,"cost_details":{"upstream_inference_cost":0.0021}}""", null, "0.0021", "0.0021"),
        ("own key, nothing charged", """ "usage":{"cost":0,"is_byok":true,"cost_details":{"upstream_inference_cost":0.000088}}""", null, "0", "0.000088"),
        ("own key, fee", """ "usage":{"cost":0.0001,"is_byok":true,"cost_details":{"upstream_inference_cost":0.002}}""", null, "0.0001", "0.0021"),
        ("key not named", """ "usage":{"cost":0.0160614,"cost_details":{"upstream_inference_cost":0.0001764}}""", null, "0.0160614", "0.0160614"),
        ("a provider's discount", """ "usage":{"cost":0.0083259,"is_byok":false,"cost_details":{"upstream_inference_cost":0.00841}}""", null, "0.0083259", "0.0083259"),
        ("insured: no output", """ "usage":{"prompt_tokens":0,"completion_tokens":0,"cost":0,"is_byok":false}""", null, "0", "0"),
        ("insured: no output, but a search", """ "usage":{"prompt_tokens":0,"completion_tokens":0,"cost":0.007}""", null, "0.007", "0.007"),
        ("cached", """ "usage":{"prompt_tokens":0,"completion_tokens":0,"cost":0}""", "HIT", "0", "0"),
        ("cached, without a cost", """ "usage":{"prompt_tokens":0,"completion_tokens":0}""", "hit", "0", "0"),
        ("cached, without usage", """ "usage":null""", "HIT", "0", "0"),
        ("not cached", """ "usage":{"cost":0.0021}""", "MISS", "0.0021", "0.0021"),
        ("not cached, without a cost", """ "usage":{"completion_tokens":2}""", "MISS", "0.05", "0.05"),
        ("error and usage together", """ "error":{"code":400,"message":"Token limit reached"},"usage":{"cost":0.00001}""", null, "0.00001", "0.00001"),
        ("error alone", """ "error":{"code":502,"message":"Gone"}""", null, "0", "0"),
    ];

    public static TheoryData<string, string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, bool>();
            foreach (var (skin, _, _) in Skins)
            {
                foreach (var bill in Bills)
                {
                    cases.Add(skin, bill.What, false);
                    cases.Add(skin, bill.What, true);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Read_EveryBillOnEverySkin_IsBookedAtWhatItCameTo(string skin, string what, bool isStreamed)
    {
        var (_, whole, stream) = Skins.Single(each => each.Skin == skin);
        var bill = Bills.Single(each => each.What == what);
        var body = (isStreamed ? stream : whole).Replace("USAGE", bill.Usage, StringComparison.Ordinal).ReplaceLineEndings("\n");
        WitnessLedger books = null!;
        using var client = new GuardedClient(() => Answer(body, isStreamed, bill.Cache), new LeasingGuard(ledger => books = new WitnessLedger(ledger)));

        using var response = await client.SendAsync();

        Assert.Equal(body, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal((Dollars(bill.Cost), Dollars(bill.WithByok)), (books.Booked, books.BookedWithByok));
    }

    [Theory]
    [InlineData("HIT", 0)]
    [InlineData("MISS", LeasingGuard.ClaimedNanoDollars)]
    public async Task Dispose_CachedAnswerLeftEarly_CostsNothing(string cache, long nanoDollars)
    {
        using var client = new GuardedClient(() => Answer(Bodies.ChatStream, isStreamed: true, cache));

        (await client.SendAsync()).Dispose();

        Assert.Equal((nanoDollars, 0), client.Guard.Money);
    }

    private static HttpResponseMessage Answer(string body, bool isStreamed, string? cache)
    {
        var answer = GuardedClient.Answer(body, isStreamed ? "text/event-stream" : "application/json");
        answer.Headers.TryAddWithoutValidation("X-OpenRouter-Cache-Status", cache is null ? [] : [cache]);
        return answer;
    }

    private static decimal Dollars(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}
