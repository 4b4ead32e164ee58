using System.Text;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Reading;

public sealed class RentedBodyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 7_000)]
    [InlineData(100_000, 999)]
    [InlineData(5, 100_000)]
    [InlineData(long.MaxValue, 30_000)]
    public async Task Write_PiecesOfAnySize_AreJoined(long expectedLength, int piece)
    {
        var bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        using var body = new RentedBody(expectedLength, bytes.Length);

        for (var at = 0; at < bytes.Length; at += piece)
        {
            await body.WriteAsync(bytes.AsMemory(at, Math.Min(piece, bytes.Length - at)), Cancellation);
        }

        Assert.Equal(bytes, body.Written.ToArray());
        body.GiveBack();
    }

    [Fact]
    public void Write_MoreThanTheMost_IsCountedAndNotKept()
    {
        using var body = new RentedBody(0, 10);

        body.Write(new byte[8]);
        body.Write(new byte[3]);
        body.Write(new byte[1]);

        Assert.Equal(12, body.Length);
    }

    [Fact]
    public void GiveBack_Twice_GivesOneBufferBackOnce()
    {
        using var body = new RentedBody(5_000, 10_000);
        body.GiveBack();
        body.GiveBack();

        using var one = new RentedBody(5_000, 10_000);
        using var other = new RentedBody(5_000, 10_000);
        one.Write("one"u8);
        other.Write("two"u8);

        Assert.Equal("one"u8, one.Written);
        Assert.Equal("two"u8, other.Written);
        Assert.Throws<ObjectDisposedException>(() => body.Write("three"u8));
    }

    [Fact]
    public async Task ReadAsync_ContentThatWritesOnAfterItFailed_WritesIntoNobodysBuffer()
    {
        var content = new BrokenContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://openrouter.ai/api/v1/chat/completions") { Content = content };

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await RequestBody.ReadAsync(request, 1024, null, false, Cancellation));

        Assert.Throws<ObjectDisposedException>(() => content.Target!.Write("late"u8));
    }

    [Theory]
    [InlineData("model", "a/b", null)]
    [InlineData("max_completion_tokens", null, 77L)]
    [InlineData("max_output_tokens", null, 77L)]
    public void Read_NamesWithEveryLetterEscaped_AreTheSameNames(string name, string? model, long? cap)
    {
        var escaped = string.Concat(name.Select(letter => $"\\u{(int)letter:x4}"));

        var read = RequestReader.Read(Encoding.UTF8.GetBytes($$"""{"{{escaped}}":{{(cap is null ? "\"a/b\"" : "77")}}}"""), null);

        Assert.Equal((model, cap), (read.Model, read.MaxOutputTokens));
    }

    // An array content is not buffered first: it writes straight to whoever reads it.
    private sealed class BrokenContent() : ByteArrayContent([1])
    {
        public Stream? Target { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context, CancellationToken cancellationToken)
        {
            Target = stream;
            await stream.WriteAsync("{}"u8.ToArray(), cancellationToken);
            throw new InvalidOperationException("The source broke.");
        }
    }
}
