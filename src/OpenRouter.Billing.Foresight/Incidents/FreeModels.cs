namespace OpenRouter.Billing.Foresight;

/// <summary>Tells the models that cost nothing.</summary>
internal static class FreeModels
{
    public static bool IsFree(string? slug) => slug is not null && slug.EndsWith(":free", StringComparison.OrdinalIgnoreCase);
}
