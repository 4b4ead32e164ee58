namespace OpenRouter.Billing.Sandbox;

/// <summary>An error answer in OpenRouter's envelope.</summary>
internal sealed record Refusal(int Status, string Message)
{
    public string? LimitSource { get; init; }
    public string? RemedyHint { get; init; }
    public string? Reason { get; init; }

    /// <summary>The spent layer, which the newest 403 bodies describe in numbers.</summary>
    public BudgetStanding? Budget { get; init; }

    /// <summary>Repeated in the body, because browsers and proxies lose headers.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Whether <see cref="Headers"/> also go out as HTTP headers: seen for Retry-After, never for X-RateLimit-*.</summary>
    public bool SendsHeaders { get; init; }

    /// <summary>Whether the body says <c>provider_name: null</c>: OpenRouter itself refused.</summary>
    public bool NamesNoProvider { get; init; }
    public string? UserId { get; init; }

    public bool HasMetadata => LimitSource is not null || Reason is not null || Headers is not null || NamesNoProvider;
}
