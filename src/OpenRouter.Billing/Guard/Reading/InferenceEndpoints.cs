namespace OpenRouter.Billing.Guard;

/// <summary>Which requests spend: a POST to an inference path below the base address.</summary>
internal static class InferenceEndpoints
{
    private static readonly string[] Paths =
    [
        "chat/completions", "completions", "responses", "messages", "embeddings", "rerank", "images", "images/generations", "videos",
    ];

    public static bool Matches(HttpRequestMessage request, Uri baseAddress)
    {
        if (request.Method != HttpMethod.Post || request.RequestUri is not { IsAbsoluteUri: true } uri || !baseAddress.IsBaseOf(uri))
        {
            return false;
        }

        var path = uri.AbsolutePath.AsSpan(baseAddress.AbsolutePath.Length).Trim('/');
        return MatchesPath(path) || IsPresetOf(path);
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

    // presets/{slug}/chat/completions and the like
    private static bool IsPresetOf(ReadOnlySpan<char> path)
    {
        const string Presets = "presets/";
        if (!path.StartsWith(Presets, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var rest = path[Presets.Length..];
        var slash = rest.IndexOf('/');
        return slash > 0 && MatchesPath(rest[(slash + 1)..]);
    }
}
