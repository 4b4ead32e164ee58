namespace OpenRouter.Billing.Load;

/// <summary>Keys of the sandbox, which survive its restart.</summary>
internal static class Keys
{
    public static readonly string Api = "sk-or-v1-" + new string('a', 64);
    public static readonly string Management = "sk-or-v1-" + new string('b', 64);
}
