using System.Net.Http.Headers;

namespace OpenRouter.Billing.Guard;

/// <summary>Gets at a request's body and leaves the request as it was: it can be sent, and sent again.</summary>
internal static class RequestBody
{
    public static async ValueTask<BillableRequest> ReadAsync(HttpRequestMessage request, int maxBytes, CancellationToken cancellationToken)
    {
        var apiKey = BearerOf(request.Headers.Authorization);
        if (request.Content is not { } content || content.Headers.ContentLength > maxBytes || content.Headers.ContentEncoding.Count > 0)
        {
            return new BillableRequest { ApiKey = apiKey };
        }

        if (content is not (ByteArrayContent or ReadOnlyMemoryContent))
        {
            // Some contents can be read only once: from here on it is their buffer that is read and sent.
#if NET9_0_OR_GREATER
            await content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
#else
            await content.LoadIntoBufferAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
#endif
        }

        using var body = new MemoryStream((int)(content.Headers.ContentLength ?? 0));
        await content.CopyToAsync(body, cancellationToken).ConfigureAwait(false);
        return body.Length > maxBytes
            ? new BillableRequest { ApiKey = apiKey }
            : RequestReader.Read(body.GetBuffer().AsSpan(0, (int)body.Length), apiKey);
    }

    private static string? BearerOf(AuthenticationHeaderValue? authorization) =>
        string.Equals(authorization?.Scheme, "Bearer", StringComparison.OrdinalIgnoreCase) && !string.IsNullOrWhiteSpace(authorization!.Parameter)
            ? authorization.Parameter
            : null;
}
