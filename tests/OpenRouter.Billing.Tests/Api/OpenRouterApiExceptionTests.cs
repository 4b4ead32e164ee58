using System.Net;
using System.Text;
using System.Text.Json;

namespace OpenRouter.Billing.Tests.Api;

public sealed class OpenRouterApiExceptionTests
{
    [Fact]
    public async Task BillingCall_FullError_KeepsEveryFact()
    {
        var exception = await RefusedAsync("""
            {"error":{"code":402,"message":"Not enough left on this key. Raise it at https://openrouter.ai/workspaces/w/keys/abc","metadata":{
             "error_type":"payment_required","limit_source":"openrouter_key_limit","retry_after_seconds":12.5}},"user_id":"user_12345"}
            """, 402, response => response.Headers.TryAddWithoutValidation("x-generation-id", "gen-17-abc"));
        Assert.Equal(HttpStatusCode.PaymentRequired, exception.StatusCode);
        Assert.Equal("402", exception.ErrorCode);
        Assert.Equal("payment_required", exception.ErrorType);
        Assert.Equal("openrouter_key_limit", exception.LimitSource);
        Assert.Equal(TimeSpan.FromSeconds(12.5), exception.RetryAfter);
        Assert.Equal("gen-17-abc", exception.GenerationId);
        Assert.Equal("Not enough left on this key. Raise it at (link)", exception.ServerMessage);
        Assert.Equal("GET /key was answered with 402: Not enough left on this key. Raise it at (link)", exception.Message);
        Assert.Null(exception.InnerException);
    }

    [Theory]
    [InlineData("""{"code":402,"message":"no wrapper","metadata":{"limit_source":"openrouter_credits"}}""", "402", "no wrapper", "openrouter_credits")]
    [InlineData("""{"error":{"code":"429","message":"text code"}}""", "429", "text code", null)]
    [InlineData("""{"error":{"code":"server_error","message":"word code"}}""", "server_error", "word code", null)]
    [InlineData("""{"error":{"message":"no code"}}""", null, "no code", null)]
    [InlineData("""{"error":{"code":4.02e2,"message":"exponent"}}""", "4.02e2", "exponent", null)]
    [InlineData("""{"error":"invalid_grant","error_description":"token is over"}""", "invalid_grant", "token is over", null)]
    [InlineData("""{"error":"The service is down."}""", null, "The service is down.", null)]
    [InlineData("""{"success":false,"error":{"name":"ZodError","message":"[]"}}""", "ZodError", "[]", null)]
    [InlineData("""{"type":"error","error":{"type":"billing_error","message":"skin"},"request_id":null}""", "billing_error", "skin", null)]
    [InlineData("""{"error":{"code":402,"message":"null metadata","metadata":null}}""", "402", "null metadata", null)]
    [InlineData("""{"error":{"code":402,"message":"odd metadata","metadata":["a"]}}""", "402", "odd metadata", null)]
    [InlineData("""{"error":{"code":402,"message":"odd source","metadata":{"limit_source":{"a":1}}}}""", "402", "odd source", null)]
    [InlineData("""{"error":{"code":402,"message":"unknown","metadata":{"limit_source":"openrouter_moon_phase"}}}""", "402", "unknown", "openrouter_moon_phase")]
    [InlineData("""{"id":"gen-1","choices":null,"error":{"code":524,"message":"late"}}""", "524", "late", null)]
    [InlineData("""{"choices":[{"error":{"code":502,"message":"in a choice"}}]}""", "502", "in a choice", null)]
    [InlineData("""{"response":{"status":"failed","error":{"code":"server_error","message":"in a response"}}}""", "server_error", "in a response", null)]
    [InlineData("\n         \n\n         \n{\"error\":{\"code\":502,\"message\":\"kept alive\"}}", "502", "kept alive", null)]
    [InlineData("\uFEFF{\"error\":{\"code\":502,\"message\":\"with a mark\"}}", "502", "with a mark", null)]
    [InlineData(": comment\n\ndata: {\"error\":{\"code\":502,\"message\":\"an event\"}}\r\n\r\ndata: [DONE]\n", "502", "an event", null)]
    [InlineData("""{"error":{"code":402,"message":"trailing comma",},}""", "402", "trailing comma", null)]
    [InlineData("""{"error":{"code":402,"message":"twice","code":403}}""", "403", "twice", null)]
    public async Task BillingCall_EachNesting_IsReadAlikeWithEveryStatus(string body, string? code, string message, string? source)
    {
        foreach (var status in new[] { 200, 400, 402, 403, 429, 500, 529 })
        {
            var exception = await RefusedAsync(body, status);
            Assert.Equal(status, (int)exception.StatusCode);
            Assert.Equal(code, exception.ErrorCode);
            Assert.Equal(message, exception.ServerMessage);
            Assert.Equal(source, exception.LimitSource);
        }
    }

    public static TheoryData<string> BodiesThatSayNothing => new(
        string.Empty, " ", "\n", "null", "[]", "0", "true", "\"text\"", "{", "}", "{}", "[{\"error\":1}]", "{\"error\":null}", "{\"error\":[]}", "{\"error\":{}}",
        "{\"error\":7}", "<!DOCTYPE html><html><body>Bad gateway</body></html>", "  <html>", "plain words", "true words", "nothing to see", "false alarm", "data: {", "data:", "{\"data\":[",
        "\u0000\u0001\u0002", "{\"message\":\"\",\"code\":1}", new string('[', 5_000), new string('{', 5_000), "{\"a\":" + new string('[', 500));

    [Theory]
    [MemberData(nameof(BodiesThatSayNothing), DisableDiscoveryEnumeration = true)]
    public async Task BillingCall_BodyThatSaysNothing_StillHasItsStatusAndASentence(string body)
    {
        foreach (var status in new[] { 200, 204, 302, 400, 401, 403, 500, 503 })
        {
            foreach (var call in Calls(BillingClientKit.Answering(body, (HttpStatusCode)status)))
            {
                var exception = await Assert.ThrowsAsync<OpenRouterApiException>(call);
                Assert.Equal(status, (int)exception.StatusCode);
                Assert.Null(exception.ServerMessage);
                Assert.Null(exception.LimitSource);
                Assert.Null(exception.RetryAfter);
                Assert.InRange(exception.Message.Length, 20, 400);
            }
        }
    }

    [Theory]
    [InlineData("{\"error\":{\"code\":402,\"message\":\"half a pair \\ud800\"}}")]
    [InlineData("{\"error\":{\"code\":402,\"message\":\"half a pair\",\"\\udc00\":1}}")]
    [InlineData("{\"data\":{\"limit_reset\":\"\\ud800\",\"total_credits\":\"\\ud800\"}}")]
    [InlineData("{\"data\":\"\\ud800\"}")]
    public async Task BillingCall_LoneSurrogate_StillHasItsStatus(string body)
    {
        foreach (var status in new[] { 200, 402 })
        {
            foreach (var call in Calls(BillingClientKit.Answering(body, (HttpStatusCode)status)))
            {
                Assert.Equal(status, (int)(await Assert.ThrowsAsync<OpenRouterApiException>(call)).StatusCode);
            }
        }
    }

    [Fact]
    public async Task BillingCall_BytesThatAreNoText_StillHasItsStatus()
    {
        byte[][] bodies = [[0xFF, 0xFE, 0x7B, 0x00], [0x80], [.. "{\"data\":{\"limit_reset\":\""u8, 0xC3, 0x28, .. "\"}}"u8], [.. "{\"error\":{\"message\":\""u8, 0xED, 0xA0, 0x80, .. "\"}}"u8]];
        foreach (var body in bodies)
        {
            foreach (var call in Calls(BillingClientKit.Over(new StubHandler().OnAny(() => new HttpResponseMessage { Content = new ByteArrayContent(body) }))))
            {
                await Assert.ThrowsAsync<OpenRouterApiException>(call);
            }
        }
    }

    [Theory]
    [InlineData(200)]
    [InlineData(402)]
    [InlineData(500)]
    public async Task BillingCall_TenMegabytes_IsCutWithATypedError(int status)
    {
        var stream = new EndlessStream(10 * 1024 * 1024);
        var stub = new StubHandler().OnAny(() => new HttpResponseMessage((HttpStatusCode)status) { Content = new StreamContent(stream) });
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Over(stub).Keys.GetCurrentAsync(TestContext.Current.CancellationToken));
        Assert.Equal(status, (int)exception.StatusCode);
        Assert.InRange(stream.Given, 1, 3 * 1024 * 1024);
    }

    [Fact]
    public async Task BillingCall_ActivityOfTenMegabytes_IsReadBecauseSuchAccountsExist()
    {
        const string row = """{"date":"2026-11-17","model":"a/b","requests":1,"usage":0.001,"padding":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}""";
        var body = "{\"data\":[" + string.Join(',', Enumerable.Repeat(row, 70_000)) + "]}";
        Assert.True(body.Length > 10_000_000);
        var rows = await BillingClientKit.Answering(body).Activity.ListAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(70_000, rows.Count);
    }

    [Fact]
    public async Task BillingCall_WebPage_SaysSoAndNamesTheCure()
    {
        var exception = await RefusedAsync("<html><title>secret project</title></html>", 200);
        Assert.Contains("a web page instead of JSON. Check BaseAddress", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("this is what you asked: sk-or-v1-canary and a prompt")]
    [InlineData("nobody may see canary")]
    [InlineData("false friends say canary")]
    [InlineData("""{"data":{"limit":"canary canary"}}""")]
    [InlineData("""{"data":{"sk-or-v1-canary canary":tcanary}}""")]
    [InlineData("""{"data":{"canary":nope canary}}""")]
    [InlineData("""{"canary":"canary" "canary"}""")]
    [InlineData("""{"data":{"total_credits":{"canary":1}}}""")]
    public async Task BillingCall_UnreadableBody_IsQuotedNowhere(string body)
    {
        foreach (var call in Calls(BillingClientKit.Answering(body)))
        {
            var exception = await Record.ExceptionAsync(call);
            Assert.DoesNotContain("canary canary", exception?.ToString() ?? string.Empty, StringComparison.Ordinal);
            Assert.DoesNotContain("sk-or-v1", exception?.ToString() ?? string.Empty, StringComparison.Ordinal);
            Assert.DoesNotContain("see canary", exception?.ToString() ?? string.Empty, StringComparison.Ordinal);
            Assert.DoesNotContain("say canary", exception?.ToString() ?? string.Empty, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task BillingCall_WrongKindOfValue_NamesTheMemberAndThePlace()
    {
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Answering("""{"data":{"total_credits":"ten","total_usage":1}}""").Credits.GetAsync(TestContext.Current.CancellationToken));
        var inner = Assert.IsType<JsonException>(exception.InnerException);
        Assert.Equal("Line 1, byte 31, at $.data.total_credits.", inner.Message);
    }

    [Theory]
    [InlineData("Retry-After", "-5", null)]
    [InlineData("Retry-After", "soon", null)]
    [InlineData("Retry-After", "99999999999999999999", null)]
    [InlineData("Retry-After", "0", 0d)]
    [InlineData("Retry-After", "120", 120d)]
    [InlineData("Retry-After", "Wed, 18 Nov 2026 10:29:00 GMT", 0d)]
    [InlineData("Retry-After", "Wed, 18 Nov 2026 10:30:30 GMT", 30d)]
    public async Task BillingCall_RetryAfterHeader_IsAWaitOrNothing(string name, string value, double? seconds)
    {
        var exception = await RefusedAsync("{}", 402, response => response.Headers.TryAddWithoutValidation(name, value));
        Assert.Equal(seconds is { } known ? TimeSpan.FromSeconds(known) : null, exception.RetryAfter);
    }

    [Theory]
    [InlineData("\"-1\"")]
    [InlineData("\"1e30\"")]
    [InlineData("\"NaN\"")]
    [InlineData("1e400")]
    [InlineData("99999999999")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("\"\"")]
    public async Task BillingCall_SenselessHintInTheBody_IsNoHint(string value)
    {
        var exception = await RefusedAsync("""{"error":{"code":402,"message":"m","metadata":{"retry_after_seconds":VALUE}}}""".Replace("VALUE", value, StringComparison.Ordinal), 402);
        Assert.Null(exception.RetryAfter);
        Assert.Equal("m", exception.ServerMessage);
    }

    [Fact]
    public async Task BillingCall_HintInHeaderAndBody_TakesTheHeader()
    {
        var exception = await RefusedAsync("""{"error":{"metadata":{"retry_after_seconds":9}}}""", 402, response => response.Headers.TryAddWithoutValidation("Retry-After", "4"));
        Assert.Equal(TimeSpan.FromSeconds(4), exception.RetryAfter);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task BillingCall_Redirect_SaysWhyItIsNotFollowed(int status)
    {
        var exception = await RefusedAsync(string.Empty, status, response => response.Headers.Location = new Uri("https://elsewhere.example/"));
        Assert.Contains("Redirects are not followed", exception.Message, StringComparison.Ordinal);
        Assert.Contains("BaseAddress", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "unknown, disabled or expired")]
    [InlineData(403, "another kind of key")]
    public async Task BillingCall_KeyRefused_NamesTheCure(int status, string cure)
    {
        var exception = await RefusedAsync("""{"error":{"code":1,"message":"no."}}""", status);
        Assert.Contains(cure, exception.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<Func<Task>> Calls(OpenRouterBillingClient client) =>
    [
        () => client.Keys.GetCurrentAsync(TestContext.Current.CancellationToken),
        () => client.Credits.GetAsync(TestContext.Current.CancellationToken),
        () => client.Activity.ListAsync(cancellationToken: TestContext.Current.CancellationToken),
    ];

    private static async Task<OpenRouterApiException> RefusedAsync(string body, int status, Action<HttpResponseMessage>? shape = null)
    {
        var stub = new StubHandler().OnAny(() =>
        {
            var response = StubHandler.Json(body, (HttpStatusCode)status);
            shape?.Invoke(response);
            return response;
        });
        var client = BillingClientKit.Over(stub, clock: new ManualTimeProvider());
        return await Assert.ThrowsAsync<OpenRouterApiException>(() => client.Keys.GetCurrentAsync(TestContext.Current.CancellationToken));
    }

    private sealed class EndlessStream(long length) : Stream
    {
        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var given = (int)Math.Min(count, length - Given);
            Array.Fill(buffer, (byte)' ', offset, given);
            Given += given;
            return given;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
