using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

namespace OpenRouter.Billing.Wire;

/// <summary>An answer as it came: status, headers, and the body up to a bound. Disposing it gives the body's memory back.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Response">The response, whose headers outlive it.</param>
/// <param name="Body">The bytes of the body, at most the bound, without a byte order mark.</param>
/// <param name="IsTruncated">Whether the body was longer than the bound.</param>
/// <param name="ReceivedAt">When the body was complete, by which a date in <c>Retry-After</c> becomes a wait.</param>
internal sealed record WireAnswer(HttpStatusCode Status, HttpResponseMessage Response, ReadOnlyMemory<byte> Body, bool IsTruncated, DateTimeOffset ReceivedAt) : IDisposable
{
    // Most answers fit, and get an array of their own size.
    private const int FirstBuffer = 4 * 1024;
    private const int LargestCopy = 64 * 1024;

    private ErrorBody? _error;
    private byte[]? _rented;
    private int _used;

    public HttpResponseHeaders Headers => Response.Headers;

    /// <summary>Gets what the body says when it is read as an error.</summary>
    public ErrorBody Error => _error ??= ErrorBody.Read(Body.Span);

    public bool IsSuccess => (int)Status is >= 200 and <= 299;

    /// <summary>Gets whether the fault may pass by itself: 408, 429 and 5xx.</summary>
    public bool IsPassing => (int)Status is 408 or 429 or >= 500;

    /// <summary>Reads an answer whose head has come; a body that is too long is cut, never kept whole.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<WireAnswer> ReadAsync(HttpResponseMessage response, int maxBytes, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var bound = response.IsSuccessStatusCode ? maxBytes : ErrorBody.MaxBytes;
        using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        var written = 0;
        int read;
        // A buffer whose read failed is not given back: the stream may still write to it.
        while (written <= bound && (read = await stream.ReadAsync(buffer.AsMemory(written), cancellationToken).ConfigureAwait(false)) > 0)
        {
            written += read;
            if (written == buffer.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
                buffer.CopyTo(larger, 0);
                GiveBack(buffer, written);
                buffer = larger;
            }
        }

        var length = Math.Min(written, bound);
        var mark = ByteOrderMark.LengthIn(buffer.AsSpan(0, length));
        // An answer that failed outlives its attempt: it tells why the call was given up.
        var isKept = length <= LargestCopy || !response.IsSuccessStatusCode;
        var body = isKept ? buffer.AsSpan(mark, length - mark).ToArray() : buffer.AsMemory(mark, length - mark);
        if (isKept)
        {
            GiveBack(buffer, written);
        }

        return new WireAnswer(response.StatusCode, response, body, written > bound, timeProvider.GetUtcNow()) { _rented = isKept ? null : buffer, _used = written };
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } rented)
        {
            GiveBack(rented, _used);
        }
    }

    // What an answer says is nobody else's business.
    private static void GiveBack(byte[] buffer, int used)
    {
        buffer.AsSpan(0, used).Clear();
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
