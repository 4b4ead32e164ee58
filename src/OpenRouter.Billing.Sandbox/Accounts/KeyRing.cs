using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace OpenRouter.Billing.Sandbox;

/// <summary>All keys of all accounts, found by what a client sends.</summary>
internal sealed class KeyRing
{
    private readonly ConcurrentDictionary<string, SandboxKey> _byHash = new();

    public void Add(SandboxKey key)
    {
        if (!_byHash.TryAdd(key.Hash, key))
        {
            throw new ArgumentException("This secret already belongs to another key of the sandbox.", nameof(key));
        }
    }

    public void Remove(SandboxKey key) => _byHash.TryRemove(key.Hash, out _);

    public bool TryFind(string secret, [NotNullWhen(true)] out SandboxKey? key) => _byHash.TryGetValue(SandboxKey.HashOf(secret), out key);
}
