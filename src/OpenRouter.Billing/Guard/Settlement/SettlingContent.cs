using System.Net;

namespace OpenRouter.Billing.Guard;

/// <summary>An answer's body, byte for byte as the server sent it, that is looked at on its way to the caller.</summary>
internal sealed class SettlingContent : HttpContent
{
    private const int CopyBufferSize = 32 * 1024;

    private readonly HttpContent _inner;
    private readonly AnswerSettlement _settlement;

    public SettlingContent(HttpContent inner, AnswerSettlement settlement)
    {
        _inner = inner;
        _settlement = settlement;
        foreach (var (name, values) in inner.Headers.NonValidated)
        {
            // A header of one value, as nearly all are, is handed on without a list around it.
            _ = values.Count == 1 ? Headers.TryAddWithoutValidation(name, values.ToString()) : Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override async Task<Stream> CreateContentReadStreamAsync() =>
        new SettlingStream(await _inner.ReadAsStreamAsync().ConfigureAwait(false), _settlement);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new SettlingStream(await _inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), _settlement);

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) =>
        new SettlingStream(_inner.ReadAsStream(cancellationToken), _settlement);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var source = await CreateContentReadStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            await source.CopyToAsync(stream, CopyBufferSize, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var source = CreateContentReadStream(cancellationToken);
        source.CopyTo(stream, CopyBufferSize);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // Not read to its end, or not at all: what was seen until here decides.
            _settlement.Ended(isComplete: false);
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
