namespace OpenRouter.Billing;

/// <summary>A query that analytics would refuse; nothing was sent.</summary>
public sealed class AnalyticsQueryException : OpenRouterBillingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, with the value and what is allowed.</param>
    /// <param name="part">The part of the query, such as <c>Metrics</c>.</param>
    /// <param name="value">The offending value; <see langword="null"/> when there is none, or when it may not be shown.</param>
    /// <param name="allowed">What would be accepted; <see langword="null"/> when that is no list of names.</param>
    public AnalyticsQueryException(string message, string part, string? value = null, IReadOnlyList<string>? allowed = null)
        : base(message)
    {
        (Part, Value, Allowed) = (part, value, allowed ?? []);
    }

    /// <summary>Gets the part of the query that is wrong, such as <c>Metrics</c>.</summary>
    public string Part { get; }

    /// <summary>Gets the offending value.</summary>
    /// <value><see langword="null"/> when there is none, or when it looks like a key.</value>
    public string? Value { get; }

    /// <summary>Gets what would be accepted in its place.</summary>
    /// <value>Empty when that is no list of names.</value>
    public IReadOnlyList<string> Allowed { get; }
}
