using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>The body of a refusal that was looked into, for readers that read it without waiting asynchronously.</summary>
public sealed class PeekedStreamTests
{
    [Fact]
    public void Read_PeekedAndRest_GivesAllBytesInOrder()
    {
        using var stream = new PeekedStream("abc"u8.ToArray(), null, new MemoryStream("def"u8.ToArray()), null);

        var (buffer, read) = (new byte[10], new List<int>());
        for (var at = 0; at < 6; at += read[^1])
        {
            read.Add(stream.Read(buffer, at, 2));
        }

        Assert.Equal("abcdef"u8, buffer.AsSpan(0, 6));
        Assert.Equal([2, 1, 2, 1], read);
        Assert.Equal(0, stream.Read(buffer));
    }

    [Theory]
    [InlineData(2, "xydef")]
    [InlineData(0, "")]
    public void Read_LateRead_BringsItsBytesBeforeTheRestOrEndsThere(int length, string expected)
    {
        var late = new LateRead(Task.FromResult(length), "xyz"u8.ToArray());
        using var stream = new PeekedStream(default, late, new MemoryStream("def"u8.ToArray()), null);
        using var reader = new StreamReader(stream);

        Assert.Equal(expected, reader.ReadToEnd());
    }

    [Fact]
    public void Read_BodyThatHadFailed_FailsAfterTheBytesThatCame()
    {
        using var stream = new PeekedStream("ab"u8.ToArray(), null, Stream.Null, new IOException("cut"));
        var buffer = new byte[4];

        Assert.Equal(2, stream.Read(buffer, 0, 4));
        Assert.Equal(0, stream.Read(buffer, 0, 0));
        Assert.Equal("cut", Assert.Throws<IOException>(() => stream.Read(buffer, 0, 4)).Message);
    }

    [Fact]
    public void Stream_EverythingButReading_IsNotSupported()
    {
        using var stream = new PeekedStream("ab"u8.ToArray(), null, Stream.Null, null);

        Assert.Equal((true, false, false), (stream.CanRead, stream.CanSeek, stream.CanWrite));
        Assert.Throws<NotSupportedException>(() => stream.Length);
        Assert.Throws<NotSupportedException>(() => stream.Position);
        Assert.Throws<NotSupportedException>(() => stream.Position = 1);
        Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(1));
        Assert.Throws<NotSupportedException>(() => stream.Write([1], 0, 1));
    }
}
