using System.Buffers;
using System.Net;
using System.Net.Http.Headers;

namespace OpenRouter.Billing.Wire;

/// <summary>An answer as it came: status, headers, and the body up to a bound.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">The response headers.</param>
/// <param name="Body">The bytes of the body, at most the bound, without a byte order mark.</param>
/// <param name="IsTruncated">Whether the body was longer than the bound.</param>
/// <param name="ReceivedAt">When the body was complete, by which a date in <c>Retry-After</c> becomes a wait.</param>
internal sealed record WireAnswer(HttpStatusCode Status, HttpResponseHeaders Headers, ReadOnlyMemory<byte> Body, bool IsTruncated, DateTimeOffset ReceivedAt)
{
    private ErrorBody? _error;

    /// <summary>Gets what the body says when it is read as an error.</summary>
    public ErrorBody Error => _error ??= ErrorBody.Read(Body.Span);

    public bool IsSuccess => (int)Status is >= 200 and <= 299;

    /// <summary>Gets whether the fault may pass by itself: 408, 429 and 5xx.</summary>
    public bool IsPassing => (int)Status is 408 or 429 or >= 500;

    /// <summary>Reads an answer whose head has come; a body that is too long is cut, never kept whole.</summary>
    public static async Task<WireAnswer> ReadAsync(HttpResponseMessage response, int maxBytes, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var bound = response.IsSuccessStatusCode ? maxBytes : ErrorBody.MaxBytes;
        using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var body = new ArrayBufferWriter<byte>();
        int read;
        while (body.WrittenCount <= bound && (read = await stream.ReadAsync(body.GetMemory(), cancellationToken).ConfigureAwait(false)) > 0)
        {
            body.Advance(read);
        }

        var bytes = body.WrittenMemory[..Math.Min(body.WrittenCount, bound)];
        var mark = bytes.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? 3 : 0;
        return new WireAnswer(response.StatusCode, response.Headers, bytes[mark..], body.WrittenCount > bound, timeProvider.GetUtcNow());
    }
}
