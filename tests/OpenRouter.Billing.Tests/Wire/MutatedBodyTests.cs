using System.Diagnostics;
using System.Net;
using System.Text;

namespace OpenRouter.Billing.Tests.Wire;

/// <summary>Bodies with random damage: whatever comes back, a call reads it or throws its typed error, and soon.</summary>
public sealed class MutatedBodyTests
{
    private const int Rounds = 28_000;

    private static readonly byte[][] Errors = [.. new[]
    {
        """{"error":{"code":402,"message":"Not enough. See https://openrouter.ai/x","metadata":{"limit_source":"openrouter_credits","headers":{"Retry-After":"5"},"retry_after_seconds":5}},"user_id":"user_1"}""",
        """{"error":"invalid_grant","error_description":"over"}""",
        """{"success":false,"error":{"name":"ZodError","message":"[{\"path\":[\"a\"]}]"}}""",
        """{"id":"gen-1","choices":[{"finish_reason":"error","error":{"code":502,"message":"mid-way"}}]}""",
        "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"server_error\",\"message\":\"m\"}}}\n\ndata: [DONE]\n\n",
        "<!DOCTYPE html><html><body>502</body></html>",
    }.Select(Encoding.UTF8.GetBytes)];

    // In the order of the calls below.
    private static readonly byte[][] Answers = [.. new[]
    {
        """{"data":{"label":"sk-or-v1-ab...cd","limit":1e1,"limit_remaining":"7.5","limit_reset":"daily","usage":0.1,"is_free_tier":false,"expires_at":"2027-01-01T00:00:00Z","free_model_daily_requests":{"used":1,"limit":50,"remaining":49},"budgets":[{"scope":"member","limit_usd":5,"spend_usd":1,"resets_at":null}],"allowed_data_regions":["us"],"rate_limit":{"requests":-1,"interval":"10s"}}}""",
        """{"data":{"total_credits":80.5,"total_usage":1.225e1}}""",
        """{"data":[{"date":"2026-11-17","model":"a/b","requests":5,"usage":7.3e-05,"prompt_tokens":1}]}""",
        """{"data":{"id":"gen-1","total_cost":0.0012,"usage":1e-3,"upstream_inference_cost":0,"is_byok":false,"created_at":"2026-11-18T10:30:00Z","latency":1200.5,"generation_time":null,"native_tokens_prompt":5,"provider_responses":[{"id":"r","latency":3,"status":200,"is_byok":null}]}}""",
        """{"data":{"data":[{"date__day":"2026-11-17","model":"a/b","request_count":"6331","total_usage":7.3e-05}],"metadata":{"query_time_ms":4.2,"row_count":1,"truncated":false},"warnings":["w"],"cachedAt":1}}""",
        """{"data":{"metrics":[{"name":"m","display_label":"M","display_format":"number","is_rate":false}],"dimensions":[{"name":"d","display_label":"D"}],"operators":[{"name":"eq","value_type":"scalar"}],"granularities":[{"name":"day","display_label":"Day"}]}}""",
    }.Select(Encoding.UTF8.GetBytes)];

    // What parsers are known to stumble over.
    private static readonly byte[][] Splinters = [.. new[]
    {
        "{", "}", "[", "]", "\"", ",", ":", "null", "true", "-", "1e400", "1e-400", "99999999999999999999999999999999", "0x1", "\\ud800", "\\udc00\\ud800", "\\", "\u0000", "\n", "\ndata: ",
        "{\"error\":", "\"data\":", "\"date\":\"0000-00-00\"", "9999-12-31T23:59:59-14:00", "\"limit\":", "\uFEFF", "\u202E", "NaN", "\"\":", "/*", "[[[[[[[[", "{\"response\":{\"response\":",
    }.Select(Encoding.UTF8.GetBytes), [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]];

    [Fact]
    public async Task BillingCall_MutatedBodies_AreReadOrRefusedAndNothingElse()
    {
        var random = new Random(20261118);
        byte[] body = [];
        var status = HttpStatusCode.OK;
        var client = BillingClientKit.Over(new StubHandler().OnAny(() => new HttpResponseMessage(status) { Content = new ByteArrayContent(body) }));
        Func<Task>[] calls =
        [
            () => client.Keys.GetCurrentAsync(TestContext.Current.CancellationToken),
            () => client.Credits.GetAsync(TestContext.Current.CancellationToken),
            () => client.Activity.ListAsync(cancellationToken: TestContext.Current.CancellationToken),
            () => client.Generations.GetAsync("gen-1", TestContext.Current.CancellationToken),
            async () => (await client.Analytics.QueryAsync(new AnalyticsQuery { Metrics = ["request_count"] }, cancellationToken: TestContext.Current.CancellationToken)).Rows.ToList().ForEach(row => row.Text("request_count")),
            () => client.Analytics.GetMetaAsync(TestContext.Current.CancellationToken),
        ];
        var (read, refused) = (0, 0);
        var watch = Stopwatch.StartNew();
        for (var round = 0; round < Rounds; round++)
        {
            // Every other body was an answer to the very call that gets it, so that damage deep inside is met too.
            var call = round / 2 % calls.Length;
            var isAnswer = round % 2 == 0;
            body = Mutate(random, isAnswer ? Answers[call] : Errors[random.Next(Errors.Length)]);
            status = (HttpStatusCode)(!isAnswer && random.Next(3) == 0 ? 402 : 200);
            try
            {
                await calls[call]();
                read++;
            }
            catch (OpenRouterApiException exception)
            {
                refused++;
                Assert.InRange(exception.Message.Length, 1, 600);
            }
            catch (Exception exception) when (exception is not OpenRouterBillingException)
            {
                Assert.Fail($"Round {round}: {exception.GetType().Name} for {Convert.ToHexString(body)}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Rounds} bodies in {watch.Elapsed.TotalSeconds:F1} s: {read} read, {refused} refused.");
        Assert.True(read > Rounds / 50 && refused > Rounds / 50, $"The damage was one-sided: {read} read, {refused} refused.");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"It took {watch.Elapsed}.");
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    [InlineData("{\"response\":")]
    [InlineData("{\"error\":")]
    [InlineData("data: {\n")]
    [InlineData("data: {\"error\":{}}\n")]
    [InlineData("{\"error\":{\"message\":\"")]
    [InlineData("\\ud800")]
    [InlineData(" ")]
    public async Task BillingCall_MegabytesOfOnePattern_AreRefusedSoon(string pattern)
    {
        var body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(pattern, 4_000_000 / pattern.Length)));
        foreach (var status in new[] { HttpStatusCode.OK, HttpStatusCode.InternalServerError })
        {
            var client = BillingClientKit.Over(new StubHandler().OnAny(() => new HttpResponseMessage(status) { Content = new ByteArrayContent(body) }));
            var watch = Stopwatch.StartNew();
            await Assert.ThrowsAsync<OpenRouterApiException>(() => client.Keys.GetCurrentAsync(TestContext.Current.CancellationToken));
            await Assert.ThrowsAsync<OpenRouterApiException>(() => client.Generations.GetAsync("gen-1", TestContext.Current.CancellationToken));
            await Assert.ThrowsAsync<OpenRouterApiException>(() => client.Activity.ListAsync(cancellationToken: TestContext.Current.CancellationToken));
            await Assert.ThrowsAsync<OpenRouterApiException>(() => client.Analytics.QueryAsync(new AnalyticsQuery { Metrics = ["m"] }, cancellationToken: TestContext.Current.CancellationToken));
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"It took {watch.Elapsed}.");
        }
    }

    private static byte[] Mutate(Random random, byte[] seed)
    {
        var body = seed.ToList();
        for (var change = random.Next(1, 5); change > 0; change--)
        {
            var at = random.Next(body.Count + 1);
            switch (random.Next(5))
            {
                case 0:
                    body.InsertRange(at, Splinters[random.Next(Splinters.Length)]);
                    break;
                case 1 when at < body.Count:
                    body[at] = (byte)random.Next(256);
                    break;
                case 2:
                    body.RemoveRange(at, Math.Min(random.Next(20), body.Count - at));
                    break;
                case 3 when random.Next(4) == 0:
                    body.RemoveRange(at, body.Count - at);
                    break;
                default:
                    var from = random.Next(body.Count + 1);
                    body.InsertRange(at, body.Skip(from).Take(random.Next(30)).ToList());
                    break;
            }
        }

        return [.. body];
    }
}
