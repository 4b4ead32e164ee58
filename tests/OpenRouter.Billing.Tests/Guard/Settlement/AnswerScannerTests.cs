using System.Globalization;
using System.Text;
using System.Text.Json;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

public sealed class AnswerScannerTests
{
    private static readonly string[] JsonBodies =
    [
        Bodies.Chat, Bodies.KeptAlive, Bodies.LongTail, Bodies.ErrorOnly, Bodies.NoCost, Bodies.Byok, Bodies.Embeddings, Bodies.ResponseFailed,
        """{"response":{"usage":{"cost":0.5}}}""", """{"message":{"usage":{"cost":"0.25"}}}""", """{"usage":{"cost":1E-7},"error":null}""",
    ];

    private static readonly string[] EventBodies =
    [
        Bodies.ChatStream, Bodies.ErrorStream, Bodies.ErrorWithUsageStream, Bodies.ResponsesStream, Bodies.MessagesStream, Bodies.MessagesStreamWithoutCost,
    ];

    // What a mutation pastes in: the words and marks that mean something to the scanner, and bytes that mean nothing to anyone.
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "{", "}", "[", "]", "\"", "\\", ":", ",", "\\\"", "\\u0075sage", "\"usage\":", "\"usage\":{\"cost\":", "\"usage\":null", "\"cost\":", "\"error\":null", "\"error\":{",
            "\"response\":{", "\"message\":{", "\"cost\":1e400", "\"cost\":-1", "\"cost\":NaN", "\"cost\":\"7\"", "\"cost\":99999999999999999999999999999999999", "null",
            "\n", "\r\n", "\r", "\n\n", "data:", "data: ", "\ndata: ", "\n\ndata: {", ": comment\n", "event: x\n", "data: [DONE]\n\n", "\uFEFF", "\0", "\uD83D\uDE00",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF, 0xFE], [0xC0, 0x80], [0xED, 0xA0, 0x80],
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Push_OwnAnswers_ReadAsTheLongWayRound()
    {
        foreach (var body in JsonBodies)
        {
            AssertSame(PlainReading.OfJson(body), AnswerFormat.Json, body);
        }

        foreach (var body in EventBodies.SelectMany(body => new[] { body, body.ReplaceLineEndings("\r\n"), body.Replace('\n', '\r'), body.Replace("data: ", "data:", StringComparison.Ordinal), body.TrimEnd() }))
        {
            AssertSame(PlainReading.OfEvents(body), AnswerFormat.EventStream, body);
        }
    }

    [Fact]
    public void Push_RandomValidJson_ReadsAsTheLongWayRound()
    {
        var random = new Random(20261118);
        var withCost = 0;
        const int Documents = 40_000;
        for (var count = 0; count < Documents; count++)
        {
            var body = RandomObject(random, depth: 0);
            var expected = PlainReading.OfJson(body);
            withCost += expected.Cost is null ? 0 : 1;
            AssertSame(expected, AnswerFormat.Json, body, random);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{Documents} documents, {withCost} with a cost");
        Assert.InRange(withCost, Documents / 20, Documents);
    }

    [Fact]
    public void Push_RandomEvents_ReadAsTheLongWayRound()
    {
        var random = new Random(20261119);
        var withCost = 0;
        const int Streams = 15_000;
        for (var count = 0; count < Streams; count++)
        {
            var body = RandomEvents(random);
            var expected = PlainReading.OfEvents(body);
            withCost += expected.Cost is null ? 0 : 1;
            AssertSame(expected, AnswerFormat.EventStream, body, random);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{Streams} streams, {withCost} with a cost");
        Assert.InRange(withCost, Streams / 20, Streams);
    }

    // Whole events are passed over, and the beginning of the next is set aside: wherever two reads end, nothing is lost.
    [Theory]
    [InlineData("\n\n", "data: {\"error\":{\"code\":402,\"message\":\"No.\"}}")]
    [InlineData("\n\n", "data: {\"usage\":{\"cost\":0.75}}")]
    [InlineData("\r\n\r\n", "data: {\"usage\":{\"cost\":0.75}}")]
    public void Push_EventsCutTwiceAnywhere_FindsTheSame(string blankLine, string last)
    {
        string[] events = ["data: {\"id\":\"gen-1\"}", "data: {\"a\":1}", "data: {\"b\":2}", "data: {\"usage\":{\"cost\":0.5}}", "data: {\"c\":3}", "data: {\"d\":4}", last];
        var body = Encoding.UTF8.GetBytes(string.Join(blankLine, events));
        var whole = Scan(AnswerFormat.EventStream, body);
        Assert.Equal(last.Contains("0.75", StringComparison.Ordinal) ? 0.75m : 0.5m, whole.Cost);
        for (var first = 0; first < body.Length; first++)
        {
            for (var second = first; second < body.Length; second++)
            {
                var pieces = Scan(AnswerFormat.EventStream, body[..first], body[first..second], body[second..]);
                Assert.Equal((whole.Cost, whole.HasUsage, whole.HasError), (pieces.Cost, pieces.HasUsage, pieces.HasError));
                Assert.True(whole.Error.Span.SequenceEqual(pieces.Error.Span), $"cut at {first} and {second}");
            }
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_500)]
    [InlineData(5_000)]
    public void Push_LongEventIsCut_FindsTheSame(int length)
    {
        var quiet = Encoding.UTF8.GetBytes("data: {\"id\":\"gen-1\"}\n\ndata: {\"a\":1}\n\n");
        var loud = Encoding.UTF8.GetBytes($"data: {{\"text\":\"{new string('x', length)}\",\"usage\":{{\"cost\":0.5}}}}");
        for (var cut = 0; cut <= loud.Length; cut += 7)
        {
            Assert.Equal(0.5m, Scan(AnswerFormat.EventStream, quiet, [.. quiet, .. loud[..cut]], loud[cut..]).Cost);
        }
    }

    [Fact]
    public async Task Push_MutatedBodies_NeverThrowsAndFindsTheSameHoweverTheyAreCut()
    {
        var mutants = FuzzCampaign.Mutations(120_000);
        var found = 0;
        await FuzzCampaign.RunAsync(mutants, () => found = Enumerable.Range(0, mutants).Count(seed => FindsTheSameInPieces(new Random(seed))));

        TestContext.Current.TestOutputHelper!.WriteLine($"{mutants} mutated bodies, {found} still name a cost");
        Assert.InRange(found, mutants / 20, mutants - (mutants / 20));
    }

    // A scanner that is not linear would need hours for these.
    [Theory(Timeout = 60_000)]
    [InlineData("[")]
    [InlineData("{\"usage\":")]
    [InlineData("{\"response\":")]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("{\"usage\":{\"a\":")]
    [InlineData("\"usage\":{},")]
    [InlineData("data: {\"usage\":{\"cost\":1}}\n\n")]
    [InlineData("data:\n")]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("}")]
    [InlineData(",:")]
    public async Task Push_MegabytesOfOnePiece_TakesLinearTimeAndFewBytes(string piece)
    {
        var body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, 2 * 1024 * 1024 / piece.Length)));
        await Task.Run(() => Scan(AnswerFormat.Json, "{\"usage\":{\"x\":"u8.ToArray(), body), Cancellation);
        await Task.Run(() => Scan(AnswerFormat.EventStream, body), Cancellation);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Scan(AnswerFormat.Json, body);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(allocated, 0, 1024 * 1024);
    }

    [Theory]
    [InlineData("""{"usage":{"cost":0.5}}""", "0.5")]
    [InlineData("""{"usage":{"cost":"0.5"}}""", "0.5")]
    [InlineData("""{"usage":{"cost":5E-1}}""", "0.5")]
    [InlineData("""{"usage":{"cost":-1}}""", "-1")]
    [InlineData("""{"usage":{"cost":null}}""", null)]
    [InlineData("""{"usage":{"cost":NaN}}""", null)]
    [InlineData("""{"usage":{"cost":"NaN"}}""", null)]
    [InlineData("""{"usage":{"cost":1e999999999}}""", null)]
    [InlineData("""{"usage":{"cost":{"cost":5}}}""", null)]
    [InlineData("""{"usage":{"details":{"cost":5},"cost":1}}""", "1")]
    [InlineData("""{"usage":{"cost_details":{"cost":5}}}""", null)]
    [InlineData("""{"usage":{"co\u0073t":2}}""", "2")]
    [InlineData("""{"usage":{"cost":1},"usage":{"cost":2}}""", "2")]
    [InlineData("""{"usage":{"cost":1},"usage":null}""", null)]
    [InlineData("""{"usage":[{"cost":1}]}""", null)]
    [InlineData("""{"a":{"usage":{"cost":1}}}""", null)]
    [InlineData("""{"choices":[{"message":{"usage":{"cost":1}}}]}""", null)]
    [InlineData("""{"response":{"response":{"usage":{"cost":1}}}}""", null)]
    [InlineData("""{"response":[{"usage":{"cost":1}}]}""", null)]
    [InlineData("""{"a":"\"usage\":{\"cost\":1}"}""", null)]
    [InlineData("""{"a":"}{\\","usage":{"cost":3}}""", "3")]
    [InlineData("""{"usages":{"cost":1},"usag":{"cost":2},"usageusageusageusage":{"cost":3}}""", null)]
    [InlineData("""{"x":"usage","y":{"cost":1}}""", null)]
    [InlineData("""["usage",{"cost":1}]""", null)]
    [InlineData("""[{"usage":{"cost":1}}]""", null)]
    [InlineData("\uFEFF{\"usage\":{\"cost\":1}}", "1")]
    // The server never escapes a letter; one that did would be booked at the claim.
    [InlineData("""{"\u0075sage":{"cost":1}}""", null)]
    public void Cost_JsonBody_IsTheOneThatTheUsageNames(string body, string? cost) =>
        Assert.Equal(cost is null ? null : decimal.Parse(cost, CultureInfo.InvariantCulture), Scan(AnswerFormat.Json, Encoding.UTF8.GetBytes(body)).Cost);

    // What a refund gives back was not spent through anybody's own key.
    [Theory]
    [InlineData("""{"usage":{"cost":-1}}""", 0)]
    [InlineData("""{"usage":{"cost":-1,"cost_details":{"upstream_inference_cost":2}}}""", 2)]
    [InlineData("""{"usage":{"cost":1,"cost_details":{"upstream_inference_cost":3}}}""", 2)]
    public void ByokCost_NotSaidWhichItIs_IsWhatExceedsACost(string body, int cost) =>
        Assert.Equal(cost, Scan(AnswerFormat.Json, Encoding.UTF8.GetBytes(body)).ByokCost);

    [Fact]
    public void Cost_UsageTooLargeToKeep_IsUnknownButThere()
    {
        var body = $$$"""{"error":{"code":502},"usage":{"cost":1,"x":"{{{new string('x', 70_000)}}}"}}""";

        var scanner = Scan(AnswerFormat.Json, Encoding.UTF8.GetBytes(body));

        Assert.Null(scanner.Cost);
        Assert.True(scanner.HasUsage);
        Assert.True(scanner.HasError);
    }

    [Fact]
    public void Cost_UsageTooDeepToRead_IsUnknownButThere()
    {
        var scanner = Scan(AnswerFormat.Json, Encoding.UTF8.GetBytes($$$"""{"usage":{"x":{{{new string('[', 200)}}}{{{new string(']', 200)}}},"cost":1}}"""));

        Assert.Null(scanner.Cost);
        Assert.True(scanner.HasUsage);
    }

    [Fact]
    public void Cost_AfterMegabytesOfContent_IsFound()
    {
        var content = string.Concat(Enumerable.Repeat("""\"usage\":{\"cost\":9},{[\\""", 100_000));

        Assert.Equal(0.5m, Scan(AnswerFormat.Json, Encoding.UTF8.GetBytes($$$"""{"choices":[{"message":{"content":"{{{content}}}"}}],"usage":{"cost":0.5}}""")).Cost);
    }

    [Theory]
    [InlineData("data: {\"usage\":{\"cost\":1}}\n\n", "1")]
    [InlineData("data:{\"usage\":{\"cost\":1}}\n\n", "1")]
    [InlineData("data: {\"usage\":{\"cost\":1}}", "1")]
    [InlineData("data: {\"usage\":\ndata: {\"cost\"\ndata: :1}}\n\n", "1")]
    [InlineData("data: {\"usage\":{\"cost\":1\ndata:2}}\n\n", null)]
    [InlineData("data: {\"usage\":{\"cost\":1\r\ndata:2}}\r\n\r\n", null)]
    [InlineData("data: {\"a\":1}\n\ndata: {\"usage\":{\"cost\":2}}\n\n", "2")]
    [InlineData("\uFEFFdata: {\"usage\":{\"cost\":1}}\n\n", "1")]
    [InlineData("\uFEFF\uFEFFdata: {\"usage\":{\"cost\":1}}\n\n", null)]
    [InlineData("data: {\"a\":1}\n\n\uFEFFdata: {\"usage\":{\"cost\":1}}\n\n", null)]
    [InlineData("data: {\"usage\":{\"cost\":1}}\r\rdata: {\"usage\":{\"cost\":2}}\r\r", "2")]
    [InlineData("data: {\"a\":\"never closed\n\ndata: {\"usage\":{\"cost\":2}}\n\n", "2")]
    [InlineData("data: {\"a\":\"never closed\r\n\r\ndata: {\"usage\":{\"cost\":2}}\r\n\r\n", "2")]
    [InlineData("data: {\"a\":\"never closed\r\rdata: {\"usage\":{\"cost\":2}}\r\r", "2")]
    [InlineData("data: {\"usage\":{\"cost\":1}}\n\ndata: {\"usage\":{\"prompt_tokens\":2}}\n\n", "1")]
    [InlineData("data: {\"usage\":{\"cost\":1}}\n\ndata: {\"usage\":null}\n\n", "1")]
    [InlineData(": {\"usage\":{\"cost\":1}}\n\n", null)]
    [InlineData("event: {\"usage\":{\"cost\":1}}\n\n", null)]
    [InlineData("dat: {\"usage\":{\"cost\":1}}\n\n", null)]
    [InlineData("DATA: {\"usage\":{\"cost\":1}}\n\n", null)]
    [InlineData("data: : OPENROUTER PROCESSING\n\ndata: {\"usage\":{\"cost\":1}}\n\n", "1")]
    [InlineData("data: {\"usage\":{\"cost\":1", null)]
    public void Cost_Events_IsTheLastOneThatWasNamed(string body, string? cost)
    {
        var expected = cost is null ? (decimal?)null : decimal.Parse(cost, CultureInfo.InvariantCulture);
        var bytes = Encoding.UTF8.GetBytes(body);
        for (var piece = 1; piece <= bytes.Length; piece++)
        {
            Assert.Equal(expected, Scan(AnswerFormat.EventStream, [.. bytes.Chunk(piece)]).Cost);
        }
    }

    [Theory]
    [InlineData("""{"error":{"code":1}}""", true)]
    [InlineData("""{"error":"failed"}""", true)]
    [InlineData("""{"error":null}""", false)]
    [InlineData("""{"response":{"error":{"code":1}}}""", true)]
    [InlineData("""{"choices":[{"error":{"code":1}}]}""", false)]
    [InlineData("""{"a":"error"}""", false)]
    public void HasError_JsonBody_IsAnErrorThatSaysSomething(string body, bool hasError) =>
        Assert.Equal(hasError, Scan(AnswerFormat.Json, Encoding.UTF8.GetBytes(body)).HasError);

    [Theory]
    [InlineData("""{"id":"gen-1","choices":[{"id":"x"}]}""", "gen-1")]
    [InlineData("""{"type":"response.created","response":{"id":"gen-2"}}""", "gen-2")]
    [InlineData("""{"type":"message_start","message":{"id":"gen-3"}}""", "gen-3")]
    [InlineData("""{"id":"evt-1","response":{"id":"gen-4"}}""", "gen-4")]
    [InlineData("""{"id":"gen-5","cut""", "gen-5")]
    [InlineData("""{"id":"gen-""", null)]
    [InlineData("""{"id":7}""", null)]
    [InlineData("""{"id":""}""", null)]
    [InlineData("""{"id":"a b"}""", null)]
    [InlineData("""{"id":"a\u0062"}""", null)]
    [InlineData("""{"id":"../key?x=1"}""", null)]
    [InlineData("""{"error":{"id":"x"}}""", null)]
    public void GenerationId_JsonBody_IsTheAnswersOwn(string body, string? id)
    {
        Assert.Equal(id, Scan(AnswerFormat.Json, Encoding.UTF8.GetBytes(body)).GenerationId);
        Assert.Equal(id, Scan(AnswerFormat.EventStream, Encoding.UTF8.GetBytes($"data: {body}\n\ndata: {{\"id\":\"later-{id}\"}}\n\n")).GenerationId?.Replace("later-", "", StringComparison.Ordinal) is { Length: > 0 } first ? first : null);
    }

    [Fact]
    public void GenerationId_LongerThanAnyId_IsNone() =>
        Assert.Null(Scan(AnswerFormat.Json, Encoding.UTF8.GetBytes($$"""{"id":"{{new string('x', 200)}}"}""")).GenerationId);

    [Theory]
    [InlineData("""{"error":{"code":402,"message":"No."}}""", true)]
    [InlineData("""{"response":{"error":{"code":"server_error","message":"No."}}}""", true)]
    [InlineData("""{"choices":[{"finish_reason":"error","error":{"code":502,"message":"No."}}]}""", true)]
    [InlineData("""{"type":"error","error":{"type":"billing_error","message":"No."}}""", true)]
    [InlineData("""{"type":"error","code":"server_error","message":"No.","sequence_number":3}""", true)]
    [InlineData("""{"id":"x","choices":[],"error":null}""", false)]
    [InlineData("""{"choices":[{"message":{"content":"\"error\":{\"code\":402}"}}]}""", false)]
    [InlineData("""{"choices":[{"message":{"error":1}}]}""", false)]
    public void Error_AnyShapeOfAFailure_IsKeptAsItCame(string body, bool isError)
    {
        Assert.Equal(isError ? body : "", Encoding.UTF8.GetString(Scan(AnswerFormat.Json, Encoding.UTF8.GetBytes(body)).Error.Span));
        var events = Encoding.UTF8.GetBytes($"data: {{\"choices\":[]}}\n\nevent: error\ndata: {body}\n\ndata: [DONE]\n\n");
        Assert.Equal(isError ? " " + body : "", Encoding.UTF8.GetString(Scan(AnswerFormat.EventStream, [.. events.Chunk(3)]).Error.Span));
    }

    [Fact]
    public void Error_TooLargeToKeep_IsThereButNotKept()
    {
        var scanner = Scan(AnswerFormat.Json, Encoding.UTF8.GetBytes($$$"""{"error":{"code":402,"message":"{{{new string('x', 70_000)}}}"}}"""));

        Assert.True(scanner.HasError);
        Assert.True(scanner.Error.IsEmpty);
    }

    [Fact]
    public void Push_OpaqueBody_FindsNothing() => Assert.Null(Scan(AnswerFormat.Opaque, Encoding.UTF8.GetBytes(Bodies.Chat)).Cost);

    private static bool FindsTheSameInPieces(Random random)
    {
        var isEvents = random.Next(2) == 0;
        var body = Mutate(Encoding.UTF8.GetBytes(isEvents ? EventBodies[random.Next(EventBodies.Length)] : JsonBodies[random.Next(JsonBodies.Length)]), random);
        var format = isEvents ? AnswerFormat.EventStream : AnswerFormat.Json;
        var whole = Scan(format, body);
        var pieces = Scan(format, Cut(body, random));
        Assert.Equal((whole.Cost, whole.HasUsage, whole.HasError), (pieces.Cost, pieces.HasUsage, pieces.HasError));
        Assert.Equal((whole.GenerationId, whole.IsProvisional), (pieces.GenerationId, pieces.IsProvisional));
        Assert.Equal(whole.Error.ToArray(), pieces.Error.ToArray());
        return whole.Cost is not null;
    }

    /// <summary>Breaks a body in a few places.</summary>
    internal static byte[] Mutate(byte[] body, Random random)
    {
        var bytes = new List<byte>(body);
        for (var count = random.Next(1, 6); count > 0; count--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(6))
            {
                case 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2 when at < bytes.Count:
                    bytes.RemoveRange(at, random.Next(Math.Min(20, bytes.Count - at)) + 1);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(0, random.Next(bytes.Count + 1)));
                    break;
                default:
                    bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[][] Cut(byte[] body, Random random)
    {
        var pieces = new List<byte[]>();
        for (var start = 0; start < body.Length;)
        {
            var length = Math.Min(random.Next(1, random.Next(2, 40)), body.Length - start);
            pieces.Add(body[start..(start + length)]);
            start += length;
        }

        return [.. pieces];
    }

    private static void AssertSame(PlainReading expected, AnswerFormat format, string body, Random? random = null)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        byte[][] pieces = random is null ? [bytes] : Cut(bytes, random);
        var scanner = Scan(format, pieces);
        Assert.True(expected == new PlainReading(scanner.Cost, scanner.HasUsage, scanner.HasError), $"{expected} expected, but {scanner.Cost}, {scanner.HasUsage}, {scanner.HasError} in {body}");
    }

    private static AnswerScanner Scan(AnswerFormat format, params byte[][] pieces)
    {
        var scanner = new AnswerScanner(format);
        foreach (var piece in pieces)
        {
            scanner.Push(piece);
        }

        scanner.End();
        return scanner;
    }

    private static string RandomEvents(Random random)
    {
        var end = random.Next(3) switch { 0 => "\n", 1 => "\r\n", _ => "\r" };
        var body = new StringBuilder();
        for (var count = random.Next(1, 6); count > 0; count--)
        {
            switch (random.Next(8))
            {
                case 0:
                    body.Append(": OPENROUTER PROCESSING").Append(end);
                    break;
                case 1:
                    body.Append("event: message_delta").Append(end);
                    break;
                case 2:
                    body.Append("data: [DONE]").Append(end);
                    break;
                default:
                    var json = RandomObject(random, depth: 0);
                    // Over several lines, as an indented document would be.
                    var text = random.Next(3) > 0 ? json : JsonSerializer.Serialize(JsonDocument.Parse(json), Indented);
                    foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
                    {
                        body.Append(random.Next(2) == 0 ? "data: " : "data:").Append(line).Append(end);
                    }

                    break;
            }

            body.Append(end);
        }

        return body.ToString();
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static string RandomObject(Random random, int depth)
    {
        string[] keys = ["usage", "usage", "error", "response", "message", "cost", "cost", "id", "choices", "x", "us\\\"age", "usag\\u0065s", "a key that is longer than any", ""];
        var members = Enumerable.Range(0, random.Next(depth == 0 ? 1 : 0, 5)).Select(_ => RandomMember(random, keys[random.Next(keys.Length)], depth + 1));
        return $"{Blank(random)}{{{Blank(random)}{string.Join($"{Blank(random)},{Blank(random)}", members)}}}{Blank(random)}";
    }

    // Mostly what belongs under the key, so that many documents name a cost, and sometimes anything.
    private static string RandomMember(Random random, string key, int depth)
    {
        string[] numbers = ["0", "0.00006", "6e-7", "0.0004970133333333333", "3E-7", "\"0.5\"", "null", "1"];
        var value = (key, random.Next(4)) switch
        {
            (_, 0) => RandomValue(random, depth),
            ("usage", _) => $"{{\"prompt_tokens\":1,{Blank(random)}\"cost\"{Blank(random)}:{numbers[random.Next(numbers.Length)]},\"details\":{RandomValue(random, depth)}}}",
            ("response" or "message", _) => RandomObject(random, depth),
            _ => RandomValue(random, depth),
        };
        return $"\"{key}\"{Blank(random)}:{Blank(random)}{value}";
    }

    private static string RandomValue(Random random, int depth)
    {
        string[] plain =
        [
            "null", "true", "0", "-1.5", "6e-7", "0.0004970133333333333", "3E-7", "1e40", "12", "\"\"", "\"text\"", "\"0.5\"", "\"\\\"usage\\\":{\\\"cost\\\":9}\"", "\"}]\\\\\"", "\"\\u0022{\"", "\"ü€😀\"", "[]", "{}",
        ];
        return random.Next(depth > 5 ? 3 : 6) switch
        {
            3 or 4 => RandomObject(random, depth),
            5 => $"[{string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth + 1)))}]",
            _ => plain[random.Next(plain.Length)],
        };
    }

    // White space that does not end a line, so that the same text can be an event.
    private static string Blank(Random random) => random.Next(4) switch { 0 => " ", 1 => "\t ", _ => "" };
}
