using System.Collections.Concurrent;

namespace OpenRouter.Billing.Sandbox;

/// <summary>All keys of all accounts, found by what a client sends.</summary>
internal sealed class KeyRing
{
    private readonly ConcurrentDictionary<string, (SandboxKey Key, SandboxAccount Account)> _byHash = new();

    public void Add(SandboxKey key, SandboxAccount account)
    {
        if (!_byHash.TryAdd(key.Hash, (key, account)))
        {
            throw new ArgumentException("This secret already belongs to another key of the sandbox.", nameof(key));
        }
    }

    public bool TryFind(string secret, out (SandboxKey Key, SandboxAccount Account) owner) =>
        _byHash.TryGetValue(SandboxKey.HashOf(secret), out owner);
}
