using System.Threading.Channels;

namespace OpenRouter.Billing.Guard;

/// <summary>Reads what another thread pushes, piece by piece, and waits where nothing has been pushed yet.</summary>
/// <param name="pieces">What was pushed.</param>
/// <param name="onTaken">Told how many bytes were read.</param>
internal sealed class FedStream(ChannelReader<ReadOnlyMemory<byte>> pieces, Action<int> onTaken) : Stream
{
    private ReadOnlyMemory<byte> _piece;
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_piece.IsEmpty)
        {
            if (!await pieces.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return 0;
            }

            pieces.TryRead(out _piece);
        }

        var read = Math.Min(buffer.Length, _piece.Length);
        _piece[..read].CopyTo(buffer);
        _piece = _piece[read..];
        onTaken(read);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // Nobody reads this without awaiting.
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
