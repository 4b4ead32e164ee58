namespace OpenRouter.Billing.Guard;

/// <summary>Which requests spend: a POST to an inference path below the base address.</summary>
internal static class InferenceEndpoints
{
    private static readonly string[] Paths =
    [
        "chat/completions", "completions", "responses", "messages", "embeddings", "rerank", "images", "images/generations", "videos", "systemone",
    ];

    // Below these and a slug lie the same paths again.
    private static readonly string[] Owners = ["presets/", "interns/"];

    // Apps ask at the same address again and again, and taking an address apart costs as much as reading a short body.
    private static volatile Known? _last;

    public static bool Matches(HttpRequestMessage request, Uri baseAddress)
    {
        if (request.Method != HttpMethod.Post || request.RequestUri is not { IsAbsoluteUri: true } uri)
        {
            return false;
        }

        if (_last is { } last && ReferenceEquals(last.BaseAddress, baseAddress) && last.Address == uri.OriginalString)
        {
            return true;
        }

        if (!MatchesBelow(uri, baseAddress))
        {
            return false;
        }

        // A query may hold what nobody should keep.
        if (!uri.OriginalString.Contains('?', StringComparison.Ordinal))
        {
            _last = new Known(baseAddress, uri.OriginalString, IsPricedByText(uri));
        }

        return true;
    }

    /// <summary>Whether a request looks like inference, wherever it goes: one that was meant to be guarded, perhaps.</summary>
    public static bool MatchesElsewhere(HttpRequestMessage request)
    {
        const string Version = "/v1/";
        if (request.Method != HttpMethod.Post || request.RequestUri is not { IsAbsoluteUri: true } uri)
        {
            return false;
        }

        var path = PathOf(uri);
        var version = path.LastIndexOf(Version, StringComparison.Ordinal);
        return version >= 0 && MatchesPath(path[(version + Version.Length)..].Trim('/'));
    }

    /// <summary>Whether the requests to an inference path cost by the text that they hold and bring. Elsewhere prices have other units.</summary>
    public static bool ArePricedByText(Uri uri) =>
        _last is { } last && last.Address == uri.OriginalString ? last.IsPricedByText : IsPricedByText(uri);

    /// <summary>Whether an inference path is that of responses, whose members have names of their own.</summary>
    public static bool IsResponses(Uri uri) => PathOf(uri).EndsWith("/responses", StringComparison.OrdinalIgnoreCase);

    private static bool IsPricedByText(Uri uri)
    {
        var path = PathOf(uri);
        return path.EndsWith("/completions", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith("/responses", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith("/messages", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith("/embeddings", StringComparison.OrdinalIgnoreCase);
    }

    // The server decodes before it looks, so an escaped letter hides nothing.
    private static ReadOnlySpan<char> PathOf(Uri uri) => Uri.UnescapeDataString(uri.AbsolutePath).AsSpan().TrimEnd('/');

    private static bool MatchesBelow(Uri uri, Uri baseAddress)
    {
        if (!baseAddress.IsBaseOf(uri))
        {
            return false;
        }

        var path = Uri.UnescapeDataString(uri.AbsolutePath).AsSpan(Uri.UnescapeDataString(baseAddress.AbsolutePath).Length).Trim('/');
        return MatchesPath(path) || MatchesOwned(path);
    }

    private static bool MatchesPath(ReadOnlySpan<char> path)
    {
        foreach (var known in Paths)
        {
            if (path.Equals(known, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return path.StartsWith("audio/", StringComparison.OrdinalIgnoreCase);
    }

    private static bool MatchesOwned(ReadOnlySpan<char> path)
    {
        foreach (var owner in Owners)
        {
            if (path.StartsWith(owner, StringComparison.OrdinalIgnoreCase))
            {
                var rest = path[owner.Length..];
                var slash = rest.IndexOf('/');
                return slash > 0 && MatchesPath(rest[(slash + 1)..]);
            }
        }

        return false;
    }

    private sealed record Known(Uri BaseAddress, string Address, bool IsPricedByText);
}
