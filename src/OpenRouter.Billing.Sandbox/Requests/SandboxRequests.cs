namespace OpenRouter.Billing.Sandbox;

/// <summary>What the sandbox has seen: requests in the order of arrival, and connections. Thread-safe.</summary>
public sealed class SandboxRequests
{
    private readonly object _lock = new();
    private readonly Queue<SandboxRequest> _latest = new();
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly int _kept;
    private int _total;
    private int _connections;

    internal SandboxRequests(int kept) => _kept = kept;

    /// <summary>Gets how many TCP connections were accepted. A client that refuses by itself opens none.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Gets how many requests have arrived.</summary>
    public int Total
    {
        get
        {
            lock (_lock)
            {
                return _total;
            }
        }
    }

    /// <summary>Gets the latest requests, oldest first: at most <see cref="OpenRouterSandboxOptions.RecordedRequests"/>.</summary>
    public IReadOnlyList<SandboxRequest> Latest
    {
        get
        {
            lock (_lock)
            {
                return _latest.ToArray();
            }
        }
    }

    /// <summary>Counts the requests to one route, forgotten ones included.</summary>
    /// <param name="route">Method and path, for example <c>GET /credits</c>.</param>
    public int Count(string route)
    {
        lock (_lock)
        {
            return _counts.GetValueOrDefault(route);
        }
    }

    internal void AddConnection() => Interlocked.Increment(ref _connections);

    internal void Add(SandboxRequest request)
    {
        lock (_lock)
        {
            _total++;
            _counts[request.Route] = _counts.GetValueOrDefault(request.Route) + 1;
            _latest.Enqueue(request);
            if (_latest.Count > _kept)
            {
                _latest.Dequeue();
            }
        }
    }
}
