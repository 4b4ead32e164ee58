using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>A failed answer and what a classifier must say of it.</summary>
public sealed record FailureCase(string Name, int Status, string Body, BillingCause Cause)
{
    public Dictionary<string, string>? Headers { get; init; }

    public bool IsRetryable { get; init; }

    public double? RetryAfter { get; init; }

    public string? OpensAt { get; init; }

    public long? Requested { get; init; }

    public long? Affordable { get; init; }
}
