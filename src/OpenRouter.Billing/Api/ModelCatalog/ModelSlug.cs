namespace OpenRouter.Billing;

/// <summary>What a model's slug says about its price: <c>author/name:variant:variant</c>.</summary>
internal static class ModelSlug
{
    private const string FreeRouter = "openrouter/free";

    // Before a preset, which names models and plugins that only the server knows; it may stand behind a model, too.
    private const char Preset = '@';

    private static readonly string[] RoutingVariants = ["online", "nitro", "floor", "exacto", "batch"];

    /// <summary>Whether the tokens of the model cost nothing: a variant <c>:free</c>, or the router over free models.</summary>
    /// <remarks>A price of zero is not enough: many models with a token price of zero are billed by other units.</remarks>
    public static bool IsFree(string? slug) =>
        slug is not null && !slug.Contains(Preset, StringComparison.Ordinal) && (HasVariant(slug, "free") || Base(slug).SequenceEqual(FreeRouter));

    /// <summary>Whether a variant adds something that costs on any model: <c>:online</c> searches the web.</summary>
    public static bool HasPaidVariant(string? slug) => slug is not null && HasVariant(slug, "online");

    /// <summary>Whether a variant may be served at the price of a faster tier: <c>:nitro</c> sorts by speed, <c>:exacto</c> by quality.</summary>
    public static bool MayTakeDearerTier(string slug) => HasVariant(slug, "nitro") || HasVariant(slug, "exacto");

    /// <summary>The slug without variants that only choose a way to the same model; null when it has none such.</summary>
    /// <remarks>The others, such as <c>:thinking</c> and <c>:extended</c>, are models with prices of their own.</remarks>
    public static string? WithoutRouting(string slug)
    {
        if (slug.IndexOf(':', StringComparison.Ordinal) < 0)
        {
            return null;
        }

        var parts = slug.Split(':');
        var kept = parts.Where((part, index) => index == 0 || Array.IndexOf(RoutingVariants, part) < 0).ToArray();
        return kept.Length == parts.Length ? null : string.Join(':', kept);
    }

    private static ReadOnlySpan<char> Base(string slug) => slug.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? slug.AsSpan(0, colon) : slug;

    private static bool HasVariant(string slug, string variant)
    {
        var rest = slug.AsSpan();
        while (rest.IndexOf(':') is >= 0 and var colon)
        {
            rest = rest[(colon + 1)..];
            var end = rest.IndexOf(':');
            if ((end < 0 ? rest : rest[..end]).SequenceEqual(variant))
            {
                return true;
            }
        }

        return false;
    }
}
