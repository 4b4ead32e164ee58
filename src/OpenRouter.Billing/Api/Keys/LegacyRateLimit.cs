namespace OpenRouter.Billing;

/// <summary>A request rate that the server still sends and no longer enforces.</summary>
public sealed record LegacyRateLimit
{
    /// <summary>Gets the number of requests per interval.</summary>
    /// <value>Requests; -1 in live answers; <see langword="null"/> when absent.</value>
    /// <remarks>Read from <c>data.rate_limit.requests</c> of <c>GET /key</c>.</remarks>
    public long? Requests { get; init; }

    /// <summary>Gets the interval in the server's own notation, such as <c>10s</c>.</summary>
    /// <value><see langword="null"/> when absent.</value>
    /// <remarks>Read from <c>data.rate_limit.interval</c> of <c>GET /key</c>.</remarks>
    public string? Interval { get; init; }
}
