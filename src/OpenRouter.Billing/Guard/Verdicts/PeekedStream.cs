using System.Runtime.ExceptionServices;

namespace OpenRouter.Billing.Guard;

/// <summary>Reads what was peeked, then the rest, and fails where the rest had failed.</summary>
internal sealed class PeekedStream(byte[] peeked, Stream rest, Exception? fault) : Stream
{
    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => TryTake(buffer, out var taken) ? taken : rest.Read(buffer);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        TryTake(buffer.Span, out var taken) ? ValueTask.FromResult(taken) : rest.ReadAsync(buffer, cancellationToken);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            rest.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool TryTake(Span<byte> buffer, out int taken)
    {
        taken = Math.Min(buffer.Length, peeked.Length - _position);
        peeked.AsSpan(_position, taken).CopyTo(buffer);
        _position += taken;
        if (taken == 0 && buffer.Length > 0 && fault is not null)
        {
            ExceptionDispatchInfo.Throw(fault);
        }

        return taken > 0 || buffer.Length == 0;
    }
}
