using System.Buffers;
using System.Threading.Channels;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>Decompresses a copy of an answer in the background and shows it to a scanner, while the caller reads the compressed bytes.</summary>
internal sealed class InflatingScanner
{
    // A long answer has a few hundred kilobytes; what unfolds to more than this is no answer but an attack.
    private const int MaxInflated = 64 * 1024 * 1024;

    // How far the copy may fall behind the caller, who never waits for it.
    private const int MaxBehind = 4 * 1024 * 1024;
    private const int BufferSize = 16 * 1024;

    private readonly Channel<ReadOnlyMemory<byte>> _pieces = Channel.CreateUnbounded<ReadOnlyMemory<byte>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly AnswerScanner _scanner;
    private readonly Task<bool> _reading;
    private long _pushed;
    private long _taken;

    private InflatingScanner(Func<Stream, Stream> inflate, AnswerScanner scanner)
    {
        _scanner = scanner;
        _reading = ReadAsync(inflate);
    }

    /// <summary>Begins to decompress; null for a way of compressing that is not known.</summary>
    public static InflatingScanner? TryStart(string coding, AnswerScanner scanner) =>
        ContentCoding.DecompressorOf(coding) is { } inflate ? new InflatingScanner(inflate, scanner) : null;

    public void Push(ReadOnlySpan<byte> bytes)
    {
        _pushed += bytes.Length;
        if (_pushed - Interlocked.Read(ref _taken) > MaxBehind)
        {
            _pieces.Writer.TryComplete(new InvalidDataException("Decompressing fell too far behind."));
        }
        else if (!_reading.IsCompleted)
        {
            _pieces.Writer.TryWrite(bytes.ToArray());
        }
    }

    /// <summary>Waits until all that was pushed has been looked at.</summary>
    /// <returns>Whether it could be decompressed.</returns>
    public Task<bool> EndAsync()
    {
        _pieces.Writer.TryComplete();
        return _reading;
    }

    private async Task<bool> ReadAsync(Func<Stream, Stream> inflate)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var source = new FedStream(_pieces.Reader, taken => Interlocked.Add(ref _taken, taken));
            await using var _ = source.ConfigureAwait(false);
            var plain = inflate(source);
            await using (plain.ConfigureAwait(false))
            {
                int read;
                for (long inflated = 0; (read = await plain.ReadAsync(buffer, CancellationToken.None).ConfigureAwait(false)) > 0;)
                {
                    inflated += read;
                    if (inflated > MaxInflated)
                    {
                        return false;
                    }

                    _scanner.Push(buffer.AsSpan(0, read));
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException or IOException)
        {
            // Cut off or no such bytes: what was seen until here is all that will be known.
            return false;
        }
        finally
        {
            _pieces.Writer.TryComplete();
            _scanner.End();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
