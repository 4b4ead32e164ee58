using System.Diagnostics;

namespace OpenRouter.Billing;

/// <summary>A provider's key on its way to OpenRouter. It can be sent and nothing else.</summary>
/// <remarks>The key shows neither in <see cref="ToString"/>, nor in a debugger, nor in JSON, and no member gives it.</remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class ProviderKey
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly string _secret;

    /// <summary>Takes a key, or whatever the provider calls its credential.</summary>
    /// <param name="secret">The key as the provider gave it out.</param>
    /// <exception cref="ArgumentException">The key is blank, or it is a key of OpenRouter's own.</exception>
    public ProviderKey(string secret)
    {
        if (string.IsNullOrWhiteSpace(secret))
        {
            throw new ArgumentException("The provider's key is blank.", nameof(secret));
        }

        if (Wire.KeyShape.LooksLikeKey(secret))
        {
            throw new ArgumentException("This is a key of OpenRouter's own, and the key of a provider is wanted.", nameof(secret));
        }

        _secret = secret;
    }

    /// <summary>Shows that there is a key.</summary>
    /// <returns>The text, without the key.</returns>
    public override string ToString() => nameof(ProviderKey) + " { hidden }";

    internal string Reveal() => _secret;
}
