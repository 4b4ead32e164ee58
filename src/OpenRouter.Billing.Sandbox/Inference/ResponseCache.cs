using System.Collections.Concurrent;

namespace OpenRouter.Billing.Sandbox;

/// <summary>The response cache: an answer that was asked for with <c>X-OpenRouter-Cache: true</c> serves the same request of the same key for 5 minutes.</summary>
internal sealed class ResponseCache
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(300);

    private readonly ConcurrentDictionary<(string Key, string Path, string Body), (string Id, DateTimeOffset Until)> _answers = new();

    /// <returns>The generation whose answer serves the request; null for none.</returns>
    public string? Find(Exchange exchange, SandboxKey key) =>
        _answers.TryGetValue(Identify(exchange, key), out (string Id, DateTimeOffset Until) found) && found.Until > exchange.Now ? found.Id : null;

    public void Keep(Exchange exchange, SandboxKey key, string id) => _answers[Identify(exchange, key)] = (id, exchange.Now + TimeToLive);

    private static (string, string, string) Identify(Exchange exchange, SandboxKey key) => (key.Hash, exchange.Request.Path, exchange.Request.Body);
}
