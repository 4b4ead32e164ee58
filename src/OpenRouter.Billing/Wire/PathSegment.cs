using System.Globalization;

namespace OpenRouter.Billing.Wire;

/// <summary>Makes an identifier one segment of a path or one value of a query, whatever it holds.</summary>
internal static class PathSegment
{
    // Far longer than any identifier, and far shorter than what an address can hold.
    private const int Longest = 512;

    /// <summary>Escapes an identifier. It is not quoted in messages: a key pasted in its place must not show up in a log.</summary>
    public static string Of(string id, string parameterName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id, parameterName);
        if (id is "." or "..")
        {
            throw new ArgumentException("A dot or two name no object: they would lead to another path.", parameterName);
        }

        if (id.Length > Longest)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"This has {id.Length} characters, and no identifier has more than {Longest}."), parameterName);
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

    /// <summary>Escapes author and slug of a model, piece by piece, so that no slug leads the key to another path. A preset is no model.</summary>
    public static string OfModel(string model, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(model, parameterName);
        return model.Split('/') is [var author, var slug] && IsPiece(author) && IsPiece(slug) && model.Length <= Longest && !model.Contains('@', StringComparison.Ordinal)
            ? $"{Uri.EscapeDataString(author)}/{Uri.EscapeDataString(slug)}"
            : throw new ArgumentException($"{Shown(model)} is no model: write author and slug, such as 'openai/gpt-4o-mini', with a variant after a colon if need be.", parameterName);
    }

    private static bool IsPiece(string piece) => !string.IsNullOrWhiteSpace(piece) && piece is not ("." or "..") && !KeyShape.LooksLikeKey(piece);

    private static string Shown(string model) =>
        model.Contains("sk-", StringComparison.OrdinalIgnoreCase) || model.Length > 100 ? "This" : $"'{model}'";
}
