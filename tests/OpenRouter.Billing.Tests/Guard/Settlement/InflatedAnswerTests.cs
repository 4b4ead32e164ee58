using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>Answers that the client does not decompress before they pass the guard.</summary>
public sealed class InflatedAnswerTests
{
    private const string Json = "application/json";
    private const string EventStream = "text/event-stream";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, int> Answers
    {
        get
        {
            var data = new TheoryData<string, string, string, int>();
            foreach (var encoding in new[] { "gzip", "x-gzip", "GZip", "br", "deflate" })
            {
                foreach (var piece in new[] { 1, 7, int.MaxValue })
                {
                    data.Add(encoding, Bodies.KeptAlive, Json, piece);
                    data.Add(encoding, Bodies.ChatStream, EventStream, piece);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Read_CompressedAnswer_GivesTheSameBytesAndSettlesAtTheCost(string encoding, string body, string contentType, int piece)
    {
        var compressed = Compress(body, encoding);
        using var client = Client(compressed, contentType, encoding, piece);

        using var response = await client.SendAsync();
        var read = await response.Content.ReadAsByteArrayAsync(Cancellation);

        Assert.Equal(compressed, read);
        Assert.Equal(body == Bodies.KeptAlive ? Bodies.KeptAliveCost : Bodies.ChatStreamCost, await SettledAsync(client));
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, br")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Read_NotWhatTheHeaderSays_GivesTheSameBytesAndSettlesAtTheClaim(string encoding)
    {
        var compressed = Compress(Bodies.Chat, "gzip");
        using var client = Client(compressed, Json, encoding);

        using var response = await client.SendAsync();

        Assert.Equal(compressed, await response.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal(LeasingGuard.ClaimedNanoDollars, await SettledAsync(client));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Read_ServerSendsPieceByPiece_EachPieceIsThereBeforeTheNextIsSentAndTheCostCountsThoughTheRestIsLeft(string encoding)
    {
        var pipe = new Pipe();
        using var client = new GuardedClient(() => Answer(pipe.Reader.AsStream(), EventStream, encoding));
        using var response = await client.SendAsync();
        var stream = await response.Content.ReadAsStreamAsync(Cancellation);
        var sent = new MemoryStream();
        var buffer = new byte[4096];
        await using (var compressing = Over(sent, encoding))
        {
            foreach (var text in Bodies.ChatStream.Split("data: [DONE]")[0].Split("\n\n"))
            {
                sent.SetLength(0);
                await compressing.WriteAsync(Encoding.UTF8.GetBytes(text + "\n\n"), Cancellation);
                await compressing.FlushAsync(Cancellation);
                await pipe.Writer.WriteAsync(sent.ToArray(), Cancellation);

                // No more is sent until this read has come back.
                var read = await stream.ReadAsync(buffer, Cancellation).AsTask().WaitAsync(BillingClientKit.Patience, Cancellation);

                Assert.Equal(sent.ToArray(), buffer[..read]);
            }
        }

        Assert.Equal((0, LeasingGuard.ClaimedNanoDollars), client.Guard.Money);
        response.Dispose();
        Assert.Equal(Bodies.ChatStreamCost, await SettledAsync(client));
    }

    [Fact]
    public async Task Dispose_CutBeforeTheCost_SettlesAtTheClaim()
    {
        using var client = Client(Compress(Bodies.ChatStream, "gzip"), EventStream, "gzip", 20);
        var response = await client.SendAsync();
        await (await response.Content.ReadAsStreamAsync(Cancellation)).ReadExactlyAsync(new byte[60], Cancellation);

        response.Dispose();

        Assert.Equal(LeasingGuard.ClaimedNanoDollars, await SettledAsync(client));
    }

    [Fact]
    public async Task Dispose_NeverRead_SettlesAtTheClaim()
    {
        using var client = Client(Compress(Bodies.Chat, "br"), Json, "br");

        (await client.SendAsync()).Dispose();

        Assert.Equal(LeasingGuard.ClaimedNanoDollars, await SettledAsync(client));
    }

    [Fact]
    public async Task Read_CompressedError_CostsNothingAndIsLearnedFrom()
    {
        const string Body = """{"error":{"code":402,"message":"Insufficient credits."}}""";
        using var client = Client(Compress(Body, "br"), Json, "br");
        using var response = await client.SendAsync(HttpCompletionOption.ResponseContentRead);

        Assert.Equal(0, await SettledAsync(client));
        await BillingClientKit.UntilAsync(() => !client.Guard.Learned.IsEmpty, "the lesson");
        Assert.Equal((System.Net.HttpStatusCode.PaymentRequired, Body), Assert.Single(client.Guard.Learned));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Read_ABomb_IsNotUnfoldedForEver(string encoding)
    {
        // Unfolds to 1 GiB, the cost behind it.
        var bomb = await Task.Run(() =>
        {
            var compressed = new MemoryStream();
            using (var compressing = Over(compressed, encoding))
            {
                var blanks = Encoding.UTF8.GetBytes(new string(' ', 1024 * 1024));
                for (var count = 0; count < 1024; count++)
                {
                    compressing.Write(blanks);
                }

                compressing.Write(Encoding.UTF8.GetBytes(Bodies.Chat));
            }

            return compressed.ToArray();
        }, Cancellation);
        using var client = Client(bomb, Json, encoding);

        using var response = await client.SendAsync(HttpCompletionOption.ResponseContentRead);

        Assert.Equal(LeasingGuard.ClaimedNanoDollars, await SettledAsync(client));
    }

    private static GuardedClient Client(byte[] body, string contentType, string encoding, int piece = int.MaxValue) =>
        new(() => Answer(new ServedStream(body, piece), contentType, encoding));

    private static HttpResponseMessage Answer(Stream body, string contentType, string encoding)
    {
        var answer = GuardedClient.Answer(body, contentType);
        answer.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        return answer;
    }

    private static async Task<long> SettledAsync(GuardedClient client)
    {
        await BillingClientKit.UntilAsync(() => client.Guard.Money.Leased == 0, "the booking");
        return client.Guard.Money.Settled;
    }

    private static byte[] Compress(string body, string encoding)
    {
        var compressed = new MemoryStream();
        using (var compressing = Over(compressed, encoding))
        {
            compressing.Write(Encoding.UTF8.GetBytes(body));
        }

        return compressed.ToArray();
    }

    private static Stream Over(Stream target, string encoding) => encoding switch
    {
        "br" => new BrotliStream(target, CompressionLevel.Fastest, leaveOpen: true),
        "deflate" => new ZLibStream(target, CompressionLevel.Fastest, leaveOpen: true),
        _ => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true),
    };
}
