using System.IO.Compression;
using System.Text;

namespace OpenRouter.Billing.Sandbox.Tests;

public sealed class ContentCodingTests
{
    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate, br;q=0.5", "br")]
    [InlineData("deflate, GZIP", "gzip")]
    [InlineData("deflate, zstd, identity", null)]
    public async Task Post_WholeAnswer_IsCompressedAsAsked(string accepted, string? coding)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        (string? sent, string body) = await PostAsync(fixture, SandboxFixture.Chat(), accepted);

        Assert.Equal(coding, sent);
        Assert.EndsWith("}", body, StringComparison.Ordinal);
        Assert.Contains("\"cost\":0.0000105", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "br")]
    [InlineData(true, "gzip")]
    [InlineData(false, null)]
    public async Task Post_Stream_IsCompressedOnlyIfTheOptionsSaySo(bool compresses, string? coding)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.CompressStreams = compresses);

        (string? sent, string body) = await PostAsync(fixture, SandboxFixture.Chat(stream: true), coding ?? "gzip, br");

        Assert.Equal(coding, sent);
        Assert.EndsWith("data: [DONE]\n\n", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_CompressedStream_EveryEventIsThereBeforeTheNextIsSent()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.CompressStreams = true);
        fixture.Sandbox.Faults.Add("POST /chat/completions", SandboxFault.ChunkDelay(TimeSpan.FromHours(1)));
        using HttpResponseMessage response = await fixture.OpenAsync(HttpMethod.Post, "chat/completions", fixture.Sandbox.ApiKey, SandboxFixture.Chat(stream: true), SandboxFixture.Cancelled, ("Accept-Encoding", "gzip"));
        await using Stream plain = Decode(await response.Content.ReadAsStreamAsync(SandboxFixture.Cancelled), "gzip");
        using StreamReader reader = new(plain);

        string? line;
        do
        {
            line = await reader.ReadLineAsync(SandboxFixture.Cancelled);
        }
        while (line?.StartsWith("data:", StringComparison.Ordinal) == false);

        Assert.Contains("\"content\":\"This ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_MessagesStreamThatHidesItsCost_IsToldByGeneration()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => (options.ShowCostInMessageStreams, options.GenerationDelay) = (false, TimeSpan.Zero));

        Reply stream = await fixture.PostAsync(SandboxFixture.Chat(stream: true), path: "messages");
        Reply whole = await fixture.PostAsync(SandboxFixture.Chat(), path: "messages");

        Assert.DoesNotContain("\"cost\"", stream.Body, StringComparison.Ordinal);
        Assert.Contains("\"cost\"", whole.Body, StringComparison.Ordinal);
        Assert.Equal(0.0000105m, Reply.Money((await fixture.GetAsync($"generation?id={stream.Headers["X-Generation-Id"]}")).Data["total_cost"]));
    }

    private static async Task<(string? Coding, string Body)> PostAsync(SandboxFixture fixture, string body, string accepted)
    {
        using HttpResponseMessage response = await fixture.OpenAsync(HttpMethod.Post, "chat/completions", fixture.Sandbox.ApiKey, body, SandboxFixture.Cancelled, ("Accept-Encoding", accepted));
        string? coding = response.Content.Headers.ContentEncoding.SingleOrDefault();
        using StreamReader reader = new(Decode(await response.Content.ReadAsStreamAsync(SandboxFixture.Cancelled), coding), Encoding.UTF8);
        return (coding, await reader.ReadToEndAsync(SandboxFixture.Cancelled));
    }

    private static Stream Decode(Stream body, string? coding) => coding switch
    {
        "br" => new BrotliStream(body, CompressionMode.Decompress),
        "gzip" => new GZipStream(body, CompressionMode.Decompress),
        _ => body,
    };
}
