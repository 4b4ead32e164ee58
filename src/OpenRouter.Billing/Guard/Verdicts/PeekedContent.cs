using System.Net;

namespace OpenRouter.Billing.Guard;

/// <summary>A body whose beginning was looked at. It reads as if it had not been.</summary>
internal sealed class PeekedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly PeekedStream? _whole;

    /// <summary>Takes the place of a content.</summary>
    /// <param name="inner">The content, of which only the headers and the connection are still used.</param>
    /// <param name="peeked">What was read of it.</param>
    /// <param name="whole">What was read, and then the rest; null when that was all, which can then be read any number of times.</param>
    public PeekedContent(HttpContent inner, byte[] peeked, PeekedStream? whole)
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

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(Open());

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Open();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        Open().CopyToAsync(stream, cancellationToken);

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken) => Open().CopyTo(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _whole?.Dispose();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private Stream Open() => _whole ?? (Stream)new MemoryStream(Peeked, writable: false);
}
