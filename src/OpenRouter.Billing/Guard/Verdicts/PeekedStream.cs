using System.Runtime.ExceptionServices;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>Reads what was peeked, then what a late read brings, then the rest, and fails where the rest had failed.</summary>
internal sealed class PeekedStream(ReadOnlyMemory<byte> peeked, LateRead? late, Stream rest, Exception? fault) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _ready = peeked;
    private LateRead? _late = late;

    public override int Read(Span<byte> buffer)
    {
        if (_ready.IsEmpty && _late is { } read)
        {
            TakeIn(read, read.Reading.GetAwaiter().GetResult());
            if (_ready.IsEmpty)
            {
                return 0;
            }
        }

        return TryTake(buffer, out var taken) ? taken : rest.Read(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ready.IsEmpty && _late is { } read)
        {
            TakeIn(read, await read.Reading.WaitAsync(cancellationToken).ConfigureAwait(false));
            if (_ready.IsEmpty)
            {
                return 0;
            }
        }

        return TryTake(buffer.Span, out var taken) ? taken : await rest.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            rest.Dispose();
        }

        base.Dispose(disposing);
    }

    private void TakeIn(LateRead read, int length)
    {
        _ready = read.Bytes[..length];
        _late = null;
    }

    private bool TryTake(Span<byte> buffer, out int taken)
    {
        taken = Math.Min(buffer.Length, _ready.Length);
        _ready.Span[..taken].CopyTo(buffer);
        _ready = _ready[taken..];
        if (taken == 0 && buffer.Length > 0 && fault is not null)
        {
            ExceptionDispatchInfo.Throw(fault);
        }

        return taken > 0 || buffer.Length == 0;
    }
}
