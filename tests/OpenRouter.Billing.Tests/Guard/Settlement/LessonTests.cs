using System.Net;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>A failure inside of a 200: read as it came, and remembered.</summary>
public sealed class LessonTests
{
    private const string KeySpent = """{"code":403,"message":"Key limit exceeded (daily limit)."}""";

    public static TheoryData<string, string> Failures => new()
    {
        { "application/json", "\n         \n" + """{"id":"gen-1","error":KEY-SPENT}""" },
        { "application/json", """{"choices":[{"finish_reason":"error","error":KEY-SPENT}],"usage":{"cost":0}}""" },
        { "application/json", """{"id":"gen-1","status":"failed","error":KEY-SPENT}""" },
        { "application/json", """{"type":"error","error":{"type":"permission_error","message":"Key limit exceeded (daily limit)."},"request_id":null}""" },
        { "application/json", """{"error":{"code":"new_word","message":"No.","metadata":{"limit_source":"openrouter_key_limit"}}}""" },
        { "text/event-stream", """data: {"choices":[{"delta":{"content":"a"}}]}""" + "\n\n" + """data: {"error":KEY-SPENT,"choices":[{"finish_reason":"error"}]}""" + "\n\ndata: [DONE]\n\n" },
        { "text/event-stream", """data: {"type":"response.failed","response":{"status":"failed","error":KEY-SPENT}}""" + "\n\n" },
        { "text/event-stream", "event: error\n" + """data: {"type":"error","error":{"type":"permission_error","message":"Key limit exceeded (daily limit)."}}""" + "\n\n" },
        { "text/event-stream", """data: {"type":"error","code":"403","message":"Key limit exceeded (daily limit).","param":null}""" + "\n\n" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Read_RefusalInsideOfA200_IsReadAsItCameAndClosesTheLimit(string contentType, string template)
    {
        var body = template.Replace("KEY-SPENT", KeySpent, StringComparison.Ordinal);
        using var stub = new GuardedStub { Answer = () => GuardedClient.Answer(body, contentType) };
        using var response = await stub.ChatAsync();

        Assert.Equal(body, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        stub.Answer = GuardedStub.Success;
        var refusal = await stub.IsRefusedHereAsync<KeyLimitExceededException>();
        Assert.Equal(BillingVerdictOrigin.Remembered, refusal.Verdict.Origin);
        Assert.Contains(stub.Log.Entries, entry => entry.Event == "RequestRefusedByServer");
    }

    [Fact]
    public async Task Dispose_LeftRightAfterTheErrorEvent_ClosesTheLimitToo()
    {
        var body = "data: {\"error\":" + KeySpent + "}\n\n";
        using var stub = new GuardedStub { Answer = () => GuardedClient.Answer(body + "data: [DONE]\n\n", "text/event-stream") };
        using (var response = await stub.ChatAsync())
        {
            await (await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)).ReadExactlyAsync(new byte[body.Length], TestContext.Current.CancellationToken);
        }

        await stub.IsRefusedHereAsync<KeyLimitExceededException>();
    }

    public static TheoryData<string, string> HarmlessOnes => new()
    {
        { "application/json", """{"id":"gen-1","error":{"code":502,"message":"Upstream error"}}""" },
        { "application/json", """{"id":"gen-1","error":{"code":400,"message":"Token limit reached"}}""" },
        { "application/json", """{"error":null,"usage":{"cost":0.001}}""" },
        { "application/json", """{"choices":[{"message":{"content":"{\"error\":{\"code\":403,\"message\":\"Key limit exceeded (daily limit).\"}}"}}],"usage":{"cost":0.001}}""" },
        { "audio/mpeg", """{"error":KEY-SPENT}""" },
    };

    [Theory]
    [MemberData(nameof(HarmlessOnes))]
    public async Task Read_NoRefusalAboutMoney_ClosesNothing(string contentType, string template)
    {
        var body = template.Replace("KEY-SPENT", KeySpent, StringComparison.Ordinal);
        using var stub = new GuardedStub { Answer = () => GuardedClient.Answer(body, contentType) };
        using (var response = await stub.ChatAsync())
        {
            Assert.Equal(body, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        stub.Answer = GuardedStub.Success;
        await stub.PassesAsync();
        Assert.DoesNotContain(stub.Log.Entries, entry => entry.Event == "RequestRefusedByServer");
    }

    [Theory]
    [InlineData("008-chat-200-error-body")]
    [InlineData("023-stream-error-with-usage")]
    public async Task Read_RecordedFailure_IsOfAProviderAndClosesNothing(string name)
    {
        var recorded = Reference.Json($"recordings/{name}.json")["response"]!;
        var body = recorded["body"]!.GetValue<string>();
        var contentType = name.Contains("stream", StringComparison.Ordinal) ? "text/event-stream" : "application/json";
        using var stub = new GuardedStub { Answer = () => GuardedClient.Answer(body, contentType) };
        using (var response = await stub.ChatAsync())
        {
            Assert.Equal(body, Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)));
        }

        stub.Answer = GuardedStub.Success;
        await stub.PassesAsync();
    }

    private const string SpentFreeDay = """{"error":{"code":"rate_limit_exceeded","message":"free-models-per-day"}}""";

    // The guard may be the app's own.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_GuardThrowsWhileItLearns_NeitherDisturbsTheCallerNorTheBooks(bool isSynchronous)
    {
        using var client = new GuardedClient(() => GuardedClient.Answer(SpentFreeDay), new LeasingGuard { Lesson = () => throw new InvalidOperationException("garbage") });
        using var response = await client.SendAsync();
        using var read = new MemoryStream();
        var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);

        if (isSynchronous)
        {
            body.CopyTo(read);
        }
        else
        {
            await body.CopyToAsync(read, TestContext.Current.CancellationToken);
        }

        Assert.Equal(SpentFreeDay, Encoding.UTF8.GetString(read.ToArray()));
        Assert.Equal((0, 0), client.Guard.Money);
        Assert.Single(client.Guard.Learned);
    }

    [Fact]
    public async Task Read_FailureThatIsTold_HasTheStatusThatItStandsFor()
    {
        var client = new GuardedClient(() => GuardedClient.Answer("""{"error":{"code":"rate_limit_exceeded","message":"free-models-per-day"}}"""));
        (await client.SendAsync(HttpCompletionOption.ResponseContentRead)).Dispose();
        client.Dispose();

        Assert.Equal(HttpStatusCode.TooManyRequests, Assert.Single(client.Guard.Learned).Status);
    }
}
