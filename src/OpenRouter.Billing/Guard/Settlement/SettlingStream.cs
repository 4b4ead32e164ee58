using System.Runtime.CompilerServices;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>Passes reads through unchanged, shows what was read to the settlement, and tells it when the end is reached.</summary>
internal sealed class SettlingStream(Stream inner, AnswerSettlement settlement) : ReadOnlyStream
{
    public override bool CanRead => inner.CanRead;

    public override bool CanTimeout => inner.CanTimeout;

    public override int ReadTimeout
    {
        get => inner.ReadTimeout;
        set => inner.ReadTimeout = value;
    }

    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = inner.Read(buffer);
        }
        catch (Exception exception) when (IsTheEnd(exception))
        {
            settlement.Ended(isComplete: false);
            throw;
        }

        Show(buffer[..read], buffer.Length);
        return read;
    }

    // Long answers are waited for a thousand times: what each wait needs is used again.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsTheEnd(exception))
        {
            settlement.Ended(isComplete: false);
            throw;
        }

        Show(buffer.Span[..read], buffer.Length);
        return read;
    }

    public override async ValueTask DisposeAsync()
    {
        settlement.Ended(isComplete: false);
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            settlement.Ended(isComplete: false);
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    // A cut connection brings no more bytes, and not every caller disposes what has failed. One that gave up a read may read on.
    private static bool IsTheEnd(Exception exception) => exception is not OperationCanceledException;

    private void Show(ReadOnlySpan<byte> read, int asked)
    {
        if (!read.IsEmpty)
        {
            settlement.Saw(read);
        }
        else if (asked > 0)
        {
            // Nothing although room was offered: the end. A read into no room says nothing.
            settlement.Ended(isComplete: true);
        }
    }
}
