using System.Buffers;

namespace OpenRouter.Billing.Guard;

/// <summary>Takes in a body as its content writes it, in a buffer that is borrowed and given back.</summary>
/// <param name="expectedLength">How many bytes will come, as far as that is known.</param>
/// <param name="maxBytes">How many bytes are kept at most; a longer body is counted and no more.</param>
internal sealed class RentedBody(long expectedLength, int maxBytes) : Stream
{
    private const int LeastLength = 4096;

    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(expectedLength, Math.Min(LeastLength, maxBytes), maxBytes));
    private long _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    /// <summary>Gets how many bytes have come.</summary>
    public override long Length => _length;

    /// <summary>Gets the bytes; they are gone once they are given back.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, (int)_length);

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <summary>Gives the buffer back. Not for a body whose writing broke off: whoever wrote it may be writing still, and the buffer is left to the collector.</summary>
    public void GiveBack()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var target = _buffer ?? throw new ObjectDisposedException(nameof(RentedBody));
        var length = _length + buffer.Length;
        if (length <= maxBytes)
        {
            buffer.CopyTo(WithRoomFor(target, (int)length).AsSpan((int)_length));
        }

        _length = length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _buffer = null;
        base.Dispose(disposing);
    }

    private byte[] WithRoomFor(byte[] full, int length)
    {
        if (length <= full.Length)
        {
            return full;
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(2L * full.Length, length, maxBytes));
        full.AsSpan(0, (int)_length).CopyTo(larger);
        _buffer = larger;
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
