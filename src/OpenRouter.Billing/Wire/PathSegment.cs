namespace OpenRouter.Billing.Wire;

/// <summary>Makes an identifier one segment of a path, whatever it holds.</summary>
internal static class PathSegment
{
    /// <summary>Escapes an identifier. It is not quoted in messages: a key pasted in its place must not show up in a log.</summary>
    public static string Of(string id, string parameterName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id, parameterName);
        if (id is "." or "..")
        {
            throw new ArgumentException("A dot or two name no object: they would lead to another path.", parameterName);
        }

        if (KeyShape.LooksLikeKey(id))
        {
            throw new ArgumentException("This is a key, and an identifier is wanted. Keys are sent in no address.", parameterName);
        }

        return Uri.EscapeDataString(id);
    }

    /// <summary>Escapes the hash of a key.</summary>
    public static string OfHash(string hash, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(hash, parameterName);
        return hash.Length == 64 && hash.All(char.IsAsciiHexDigit)
            ? hash
            : throw new ArgumentException($"The hash has {hash.Length} characters and must be the 64 hexadecimal digits that the keys API shows as 'hash'.", parameterName);
    }
}
