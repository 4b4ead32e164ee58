using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <summary>How to reach OpenRouter's billing API, with which keys, and how the guard decides.</summary>
/// <remarks>
/// Validated when the host starts, or when a client is built by hand. At least one of <see cref="ApiKey"/> and
/// <see cref="ManagementKey"/> must be set; everything else has a working default.
/// </remarks>
public sealed class OpenRouterBillingOptions
{
    private Uri _baseAddress = new("https://openrouter.ai/api/v1/");
    private KnownHash? _apiKeyHash;
    private KnownHash? _managementKeyHash;

    /// <summary>Gets or sets the inference key, the one that chat requests carry.</summary>
    /// <value>A key such as <c>sk-or-v1-…</c>, or a workload token; <see langword="null"/> by default: calls about a key then fail.</value>
    public string? ApiKey { get; set; }

    /// <summary>Gets or sets the management key, the only kind that dependably reads the balance and the activity.</summary>
    /// <value>A key such as <c>sk-or-v1-…</c>; <see langword="null"/> by default: calls that need it then fail before sending.</value>
    public string? ManagementKey { get; set; }

    /// <summary>Gets or sets the address below which all paths lie.</summary>
    /// <value>
    /// <c>https://openrouter.ai/api/v1/</c> by default; the last slash may be left out. Plain http is accepted only for a
    /// loopback address. Keys are sent nowhere else.
    /// </value>
    public Uri BaseAddress
    {
        get => _baseAddress;
        // With the slash at its end the same address serves as that of an HttpClient.
        set => _baseAddress = value is { IsAbsoluteUri: true } ? BaseAddresses.WithSlash(value) : value;
    }

    /// <summary>Gets or sets how long one attempt of a billing call may take, its body included.</summary>
    /// <value>10 seconds by default; positive.</value>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long a billing call may take in all, its retries and waits included.</summary>
    /// <value>30 seconds by default; positive and not shorter than <see cref="AttemptTimeout"/>.</value>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how often a billing call that reads is repeated after a passing fault (408, 429, 5xx, no connection).</summary>
    /// <value>3 by default, 10 at most; 0 switches repeating off, for an app that has its own handler. Chat requests are never repeated.</value>
    /// <remarks>An app's own handler sits inside one attempt, so <see cref="AttemptTimeout"/> bounds all of its repeats together.</remarks>
    public int MaxRetries { get; set; } = 3;

    /// <summary>Gets or sets the wait before the first repeat; it doubles each time and carries jitter.</summary>
    /// <value>500 milliseconds by default; positive. A longer <c>Retry-After</c> wins while it fits into <see cref="TotalTimeout"/>.</value>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Gets or sets how the guard decides.</summary>
    public BillingGuardOptions Guard { get; set; } = new();

    /// <summary>A copy for calls with these keys and no others.</summary>
    internal OpenRouterBillingOptions WithKeys(string? apiKey, string? managementKey, int maxRetries)
    {
        var copy = (OpenRouterBillingOptions)MemberwiseClone();
        (copy.ApiKey, copy.ManagementKey, copy.MaxRetries) = (apiKey, managementKey, maxRetries);
        return copy;
    }

    /// <summary>The SHA-256 of a key. Those of the keys that are kept here anyway are worked out once.</summary>
    internal string HashOf(string key) =>
        key == ApiKey ? Once(ref _apiKeyHash, key)
        : key == ManagementKey ? Once(ref _managementKeyHash, key)
        : KeyShape.Hash(key);

    private static string Once(ref KnownHash? known, string key)
    {
        var last = known;
        if (last is null || last.Key != key)
        {
            known = last = new KnownHash(key, KeyShape.Hash(key));
        }

        return last.Hash;
    }

    private sealed class KnownHash(string key, string hash)
    {
        public string Key => key;

        public string Hash => hash;
    }
}
