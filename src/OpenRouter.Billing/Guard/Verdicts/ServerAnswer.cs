using System.Buffers;
using System.Net;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>Looks into the body of a refused answer and leaves the answer as it was: whoever reads it gets the same bytes.</summary>
internal static class ServerAnswer
{
    // One byte more than an error may have, to tell a long one.
    private const int MaxPeek = ErrorBody.MaxBytes + 1;

    /// <summary>Whether an answer may be a refusal about money or the key. Others are not looked into.</summary>
    public static bool MayBeBilling(HttpStatusCode status) => (int)status is 401 or 402 or 403 or 429;

    /// <summary>Reads the beginning of the body, as far as it comes within a time; what comes later is left to whoever reads the answer.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> PeekAsync(HttpResponseMessage response, TimeSpan patience, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (response.Content is PeekedContent { Peeked: var known })
        {
            return Readable(known, response.Content);
        }

        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = new ArrayBufferWriter<byte>();
        var started = timeProvider.GetTimestamp();
        Exception? fault = null;
        LateRead? late = null;
        try
        {
            int read;
            do
            {
                var room = RoomIn(buffer);
                var reading = stream.ReadAsync(room, cancellationToken).AsTask();
                late = new LateRead(reading, room);
                read = await WithinAsync(reading, patience - timeProvider.GetElapsedTime(started), timeProvider, cancellationToken).ConfigureAwait(false);
                late = null;
                buffer.Advance(read);
            }
            while (read > 0 && buffer.WrittenCount < MaxPeek);
        }
        catch (TimeoutException)
        {
            // The status alone has to do. The read goes on, and its bytes are the next that the reader gets.
        }
#pragma warning disable CA1031 // an inner handler that decompresses, too, fails in its own way; the fault is the reader's, and the status is known
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            (fault, late) = (exception, null);
        }

        return Keep(response, buffer.WrittenSpan.ToArray(), stream, late, fault);
    }

    private static Task<int> WithinAsync(Task<int> reading, TimeSpan patience, TimeProvider timeProvider, CancellationToken cancellationToken) =>
        reading.IsCompleted ? reading : reading.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, timeProvider, cancellationToken);

    private static Memory<byte> RoomIn(ArrayBufferWriter<byte> buffer)
    {
        var room = buffer.GetMemory();
        return room[..Math.Min(room.Length, MaxPeek - buffer.WrittenCount)];
    }

    // A cut body fails for its reader as it failed here, after the same bytes.
    private static ReadOnlyMemory<byte> Keep(HttpResponseMessage response, byte[] peeked, Stream rest, LateRead? late, Exception? fault)
    {
        var isAll = peeked.Length < MaxPeek && late is null && fault is null;
        response.Content = new PeekedContent(response.Content, peeked, isAll ? null : new PeekedStream(peeked, late, rest, fault));
        return Readable(peeked, response.Content);
    }

    private static ReadOnlyMemory<byte> Readable(byte[] peeked, HttpContent content)
    {
        if (peeked.Length >= MaxPeek)
        {
            return default;
        }

        return ContentCoding.Of(content) is { } coding ? Decompress(peeked, coding) : peeked;
    }

    // A client that asked for compression and decompresses by itself: the words are behind it.
    private static byte[] Decompress(byte[] peeked, string coding)
    {
        using var source = new MemoryStream(peeked);
        using var plain = ContentCoding.DecompressorOf(coding)?.Invoke(source);
        try
        {
            var buffer = new byte[MaxPeek];
            var length = plain?.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) ?? 0;
            return length < MaxPeek ? buffer[..length] : [];
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException or IOException)
        {
            return [];
        }
    }
}
