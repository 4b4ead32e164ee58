namespace OpenRouter.Billing.Guard;

/// <summary>Gets at a request's body and leaves the request as it was: it can be sent, and sent again.</summary>
internal static class RequestBody
{
    public static async ValueTask<BillableRequest> ReadAsync(HttpRequestMessage request, int maxBytes, string? defaultKey, bool comparesBodies, CancellationToken cancellationToken)
    {
        var apiKey = BearerOf(request, defaultKey);
        if (request.Content is not { } content)
        {
            return new BillableRequest { ApiKey = apiKey };
        }

        // An upload of parts names its model somewhere between files: not worth a copy of them all.
        if (content is MultipartContent || content.Headers.NonValidated.Contains("Content-Encoding") || content.Headers.ContentLength > maxBytes)
        {
            return RequestReader.Unreadable(apiKey);
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

        using var body = new RentedBody(content.Headers.ContentLength ?? 0, maxBytes);
        await content.CopyToAsync(body, cancellationToken).ConfigureAwait(false);
        var asked = body.Length > maxBytes ? RequestReader.Unreadable(apiKey) : RequestReader.Read(body.Written, apiKey, InferenceEndpoints.ArePricedByText(request.RequestUri!));
        asked = comparesBodies && body.Length <= maxBytes ? asked with { Fingerprint = BodyFingerprint.Of(body.Written) } : asked;
        body.GiveBack();
        return asked;
    }

    // Read raw: the typed header would put what it parsed in the place of what the caller wrote. Mostly the key is the one in
    // the options, and is not copied.
    private static string? BearerOf(HttpRequestMessage request, string? defaultKey)
    {
        const string Scheme = "Bearer";
        var text = request.Headers.NonValidated.TryGetValues("Authorization", out var values) ? values.ToString().AsSpan().Trim() : default;
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || text.Length == Scheme.Length || text[Scheme.Length] is not (' ' or '\t'))
        {
            return null;
        }

        var key = text[Scheme.Length..].Trim();
        return key.SequenceEqual(defaultKey) ? defaultKey : key.ToString();
    }
}
