using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Settlement;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Reading;

public sealed class RequestBodyTests
{
    private const string Body = """{"model":"a/b:free","messages":[{"role":"user","content":"hello"}]}""";
    private const int Max = 1024 * 1024;

    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes(Body);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, Func<HttpContent>> Contents => new()
    {
        { "string", () => new StringContent(Body, Encoding.UTF8, "application/json") },
        { "bytes", () => new ByteArrayContent(Bytes) },
        { "part of an array", () => new ByteArrayContent([1, .. Bytes, 2], 1, Bytes.Length) },
        { "memory", () => new ReadOnlyMemoryContent(Bytes) },
        { "seekable stream", () => new StreamContent(new MemoryStream(Bytes)) },
        { "read-once stream", () => new StreamContent(new ServedStream(Bytes, 3)) },
        { "JSON", () => JsonContent.Create(new { model = "a/b:free", messages = new[] { new { role = "user", content = "hello" } } }) },
        { "written once", () => new WrittenOnceContent(Bytes) },
    };

    [Theory]
    [MemberData(nameof(Contents), DisableDiscoveryEnumeration = true)]
    public async Task ReadAsync_EveryKindOfContent_IsReadAndCanBeSentTwiceUnchanged(string kind, Func<HttpContent> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        using var request = new HttpRequestMessage(HttpMethod.Post, GuardedClient.ChatAddress) { Content = create() };
        var content = request.Content;
        var type = content.Headers.NonValidated.ToString();

        for (var attempt = 0; attempt < 2; attempt++)
        {
            Assert.True((await RequestBody.ReadAsync(request, Max, null, false, Cancellation)).Model == "a/b:free", kind);
            Assert.Equal(Bytes, await SentAsync(request));
        }

        Assert.Same(content, request.Content);
        Assert.Equal(type, content.Headers.NonValidated.ToString());
    }

    [Fact]
    public async Task ReadAsync_Headers_StayAsTheCallerWroteThem()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, GuardedClient.ChatAddress) { Content = new ByteArrayContent(Bytes) };
        request.Headers.TryAddWithoutValidation("Authorization", "bearer   sk-or-v1-abc ");
        request.Headers.TryAddWithoutValidation("x-title", "ä");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json;charset=utf-8");
        var before = Written(request);

        var read = await RequestBody.ReadAsync(request, Max, null, false, Cancellation);

        Assert.Equal("sk-or-v1-abc", read.ApiKey);
        // A length that is computed when it is asked for is what will be sent anyway.
        Assert.Equal(before, Written(request).Where(header => !header.StartsWith("Content-Length", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Bearer sk-1", "sk-1")]
    [InlineData("BEARER sk-1", "sk-1")]
    [InlineData("Bearer\tsk-1", "sk-1")]
    [InlineData("Bearer", null)]
    [InlineData("Bearer  ", null)]
    [InlineData("Bearersk-1", null)]
    [InlineData("Basic sk-1", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public async Task ReadAsync_Authorization_GivesTheBearerKey(string? authorization, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, GuardedClient.ChatAddress) { Content = new ByteArrayContent(Bytes) };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        Assert.Equal(key, (await RequestBody.ReadAsync(request, Max, null, false, Cancellation)).ApiKey);
    }

    [Fact]
    public async Task ReadAsync_TypedAuthorization_GivesTheBearerKey()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, GuardedClient.ChatAddress);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestData.ApiKey);

        var read = await RequestBody.ReadAsync(request, Max, null, false, Cancellation);

        Assert.Equal(TestData.ApiKey, read.ApiKey);
        Assert.DoesNotContain(TestData.ApiKey, read.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task ReadAsync_BodyAtAndAboveTheMost_IsReadOrUnknownAndCanStillBeSent(int above, bool isRead)
    {
        foreach (var content in new HttpContent[] { new ByteArrayContent(Bytes), new StreamContent(new ServedStream(Bytes, 9)), new StreamContent(new MemoryStream(Bytes)) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, GuardedClient.ChatAddress) { Content = content };

            var read = await RequestBody.ReadAsync(request, Bytes.Length - above, null, false, Cancellation);

            Assert.Equal(isRead ? "a/b:free" : null, read.Model);
            Assert.Equal(!isRead, read.IsPaid);
            Assert.Equal(Bytes, await SentAsync(request));
        }
    }

    [Fact]
    public async Task ReadAsync_Upload_IsUnknownAndNotCopied()
    {
        var file = new ServedStream(Bytes, 9);
        using var request = new HttpRequestMessage(HttpMethod.Post, GuardedClient.ChatAddress)
        {
            Content = new MultipartFormDataContent { { new StringContent("a/b:free"), "model" }, { new StreamContent(file), "file", "a.wav" } },
        };

        var read = await RequestBody.ReadAsync(request, Max, null, false, Cancellation);

        Assert.Null(read.Model);
        Assert.True(read.IsPaid);
        Assert.Equal(Bytes.Length, await file.ReadAtLeastAsync(new byte[Bytes.Length], Bytes.Length, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task ReadAsync_CompressedBody_IsUnknown()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, GuardedClient.ChatAddress) { Content = new ByteArrayContent(Bytes) };
        request.Content.Headers.ContentEncoding.Add("gzip");

        Assert.True(await RequestBody.ReadAsync(request, Max, null, false, Cancellation) is { Model: null, IsPaid: true });
    }

    [Fact]
    public async Task ReadAsync_NoBody_IsUnknown()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, GuardedClient.ChatAddress);

        Assert.True(await RequestBody.ReadAsync(request, Max, null, false, Cancellation) is { Model: null, IsPaid: true });
    }

    [Fact]
    public async Task ReadAsync_LengthThatIsNotTrue_ReadsWhatThereIs()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, GuardedClient.ChatAddress) { Content = new ByteArrayContent(Bytes) };
        request.Content.Headers.ContentLength = 3;

        Assert.Equal("a/b:free", (await RequestBody.ReadAsync(request, Max, null, false, Cancellation)).Model);
        Assert.Equal(3, request.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task ReadAsync_ManyMegabytes_IsRead()
    {
        var body = Encoding.UTF8.GetBytes($$"""{"messages":[{"content":"{{new string('x', 20 * 1024 * 1024)}}"}],"model":"a/b:free"}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, GuardedClient.ChatAddress) { Content = new StreamContent(new ServedStream(body, 100_000)) };

        Assert.Equal("a/b:free", (await RequestBody.ReadAsync(request, 32 * 1024 * 1024, null, false, Cancellation)).Model);
        Assert.Equal(body.Length, (await SentAsync(request)).Length);
    }

    [Theory]
    [InlineData("GET", "https://openrouter.ai/api/v1/key")]
    [InlineData("POST", "https://openrouter.ai/api/v1/keys")]
    [InlineData("POST", "https://example.com/api/v1/chat/completions")]
    [InlineData("POST", "https://openrouter.ai/api/v1x/chat/completions")]
    public async Task SendAsync_NoInference_PassesWithoutItsBodyBeingRead(string method, string address)
    {
        HttpRequestMessage? passed = null;
        using var client = new GuardedClient((request, _) =>
        {
            passed = request;
            return Task.FromResult(GuardedClient.Answer(Bodies.Chat));
        });
        var body = new ServedStream(Bytes, 5);
        using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = new StreamContent(body) };

        using var response = await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);

        Assert.Same(request, passed);
        Assert.Empty(client.Guard.Asked);
        Assert.IsType<StreamContent>(response.Content);
        Assert.Equal(Bytes.Length, await body.ReadAtLeastAsync(new byte[Bytes.Length], Bytes.Length, cancellationToken: Cancellation));
    }

    private static async Task<byte[]> SentAsync(HttpRequestMessage request)
    {
        var sent = new MemoryStream();
        await request.Content!.CopyToAsync(sent, Cancellation);
        return sent.ToArray();
    }

    private static List<string> Written(HttpRequestMessage request) =>
        [.. request.Headers.NonValidated.Concat(request.Content!.Headers.NonValidated).Select(header => $"{header.Key}: {string.Join(" | ", header.Value)}")];

    // As a content that streams from a source which is gone afterwards.
    private sealed class WrittenOnceContent(byte[] body) : HttpContent
    {
        private bool _isWritten;

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            if (_isWritten)
            {
                throw new InvalidOperationException("The source is gone.");
            }

            _isWritten = true;
            return stream.WriteAsync(body).AsTask();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
