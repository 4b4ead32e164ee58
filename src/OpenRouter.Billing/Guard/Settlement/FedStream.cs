using System.Threading.Channels;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>Reads what another thread pushes, piece by piece, and waits where nothing has been pushed yet.</summary>
/// <param name="pieces">What was pushed.</param>
/// <param name="onTaken">Told how many bytes were read.</param>
internal sealed class FedStream(ChannelReader<ReadOnlyMemory<byte>> pieces, Action<int> onTaken) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _piece;

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

    // Nobody reads this without awaiting.
    public override int Read(Span<byte> buffer) => throw new NotSupportedException();
}
