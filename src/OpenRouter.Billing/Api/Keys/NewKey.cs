using System.Diagnostics;

namespace OpenRouter.Billing;

/// <summary>A key that has just been made, with the secret that OpenRouter shows this once.</summary>
/// <remarks>The secret shows neither in <see cref="ToString"/>, nor in a debugger, nor in JSON: only <see cref="RevealSecret"/> gives it.</remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class NewKey
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly string _secret;

    /// <summary>Creates the pair.</summary>
    /// <param name="key">What the keys API says about it.</param>
    /// <param name="secret">The key as requests carry it.</param>
    public NewKey(ApiKey key, string secret)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentException.ThrowIfNullOrWhiteSpace(secret);
        Key = key;
        _secret = secret;
    }

    /// <summary>Gets what the keys API says about it.</summary>
    public ApiKey Key { get; }

    /// <summary>Gives the key as requests carry it. Store it now: nobody can read it again.</summary>
    /// <returns>A key such as <c>sk-or-v1-…</c>.</returns>
    public string RevealSecret() => _secret;

    /// <summary>Shows hash and name.</summary>
    /// <returns>The text, without the secret.</returns>
    public override string ToString() => $"{nameof(NewKey)} {{ Hash = {Key.Hash}, Name = {Key.Name} }}";
}
