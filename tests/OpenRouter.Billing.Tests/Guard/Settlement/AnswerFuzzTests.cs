using System.IO.Compression;
using System.Text;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>Answers that somebody broke, plain and compressed: the caller gets their bytes, and the lease is closed.</summary>
public sealed class AnswerFuzzTests
{
    private const int Seed = 20261120;

    private static readonly string[] OwnBodies =
    [
        Bodies.Chat, Bodies.KeptAlive, Bodies.LongTail, Bodies.ErrorOnly, Bodies.NoCost, Bodies.Byok, Bodies.ResponseFailed, Bodies.ChatStream, Bodies.ErrorStream,
        Bodies.ErrorWithUsageStream, Bodies.ResponsesStream, Bodies.MessagesStream, Bodies.MessagesStreamWithoutCost,
    ];

    private static readonly string?[] Encodings = ["gzip", "br", "deflate", "gzip, br", "identity", "", "zstd"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_MutatedRecordings_GivesTheSameBytesAndClosesTheLease(bool isCompressed)
    {
        var bodies = OwnBodies.Concat(Reference.Recordings().Select(recording => recording["response"]!["body"]!.GetValue<string>())).Select(Encoding.UTF8.GetBytes).ToArray();
        var count = FuzzCampaign.Mutations(10_000);
        var random = new Random(Seed);
        var known = 0;
        for (var round = 0; round < count; round++)
        {
            var body = AnswerScannerTests.Mutate(bodies[random.Next(bodies.Length)], random);
            var encoding = isCompressed ? Encodings[random.Next(Encodings.Length)] : null;
            body = isCompressed ? Break(Compress(body, encoding), random) : body;
            try
            {
                known += await SettledAsync(body, encoding, random) != LeasingGuard.ClaimedNanoDollars ? 1 : 0;
            }
            catch (Exception exception)
            {
                Assert.Fail($"Round {round}, {encoding}: {exception}\n{Convert.ToBase64String(body)}");
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{count} answers, {known} settled at what they said");
        // Few say it: an error that is cut, or that names no cost after one bracket too few, is booked at the claim.
        Assert.InRange(known, count / 50, count - (count / 20));
    }

    private static async Task<long> SettledAsync(byte[] body, string? encoding, Random random)
    {
        var type = random.Next(2) == 0 ? "application/json" : "text/event-stream";
        using var client = new GuardedClient(() =>
        {
            var answer = GuardedClient.Answer(new ServedStream(body, random.Next(1, 5000)), type);
            answer.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding is null ? [] : [encoding]);
            return answer;
        });
        using (var response = await client.SendAsync())
        {
            var read = new byte[random.Next(4) == 0 ? random.Next(body.Length + 1) : body.Length + 1];
            var length = await (await response.Content.ReadAsStreamAsync(Cancellation)).ReadAtLeastAsync(read, read.Length, throwOnEndOfStream: false, Cancellation);
            Assert.True(body.AsSpan(0, Math.Min(read.Length, body.Length)).SequenceEqual(read.AsSpan(0, length)));
        }

        await BillingClientKit.UntilAsync(() => client.Guard.Money.Leased == 0, "the settlement");
        Assert.Equal((1, 0), client.Guard.Requests);
        return client.Guard.Money.Settled;
    }

    private static byte[] Compress(byte[] body, string? encoding)
    {
        using var compressed = new MemoryStream();
        using (Stream compressing = encoding switch
        {
            "br" => new BrotliStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
            _ => new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            compressing.Write(body);
        }

        return compressed.ToArray();
    }

    // Every other one arrives whole.
    private static byte[] Break(byte[] body, Random random) => random.Next(4) switch
    {
        0 => AnswerScannerTests.Mutate(body, random),
        1 => body[..random.Next(body.Length)],
        _ => body,
    };
}
