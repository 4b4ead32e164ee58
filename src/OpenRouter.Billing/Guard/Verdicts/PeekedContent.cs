using System.Net;

namespace OpenRouter.Billing.Guard;

/// <summary>A body whose beginning was looked at. It reads as if it had not been.</summary>
internal sealed class PeekedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly Stream _whole;

    /// <summary>Takes the place of a content.</summary>
    /// <param name="inner">The content, of which only the headers and the connection are still used.</param>
    /// <param name="peeked">What was read of it.</param>
    /// <param name="whole">What was read, and then the rest.</param>
    public PeekedContent(HttpContent inner, byte[] peeked, Stream whole)
    {
        _inner = inner;
        _whole = whole;
        Peeked = peeked;
        foreach (var header in inner.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
    }

    public byte[] Peeked { get; }

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(_whole);

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => _whole;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _whole.CopyToAsync(stream, cancellationToken);

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken) => _whole.CopyTo(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _whole.Dispose();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
