namespace OpenRouter.Billing.Wire;

/// <summary>The one rule about base addresses: paths are appended below the last slash.</summary>
internal static class BaseAddresses
{
    public static Uri WithSlash(Uri address) =>
        address.AbsolutePath.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
}
