namespace OpenRouter.Billing.Guard;

/// <summary>What a single request may ask of the guard.</summary>
public static class BillingGuardHttpRequestMessageExtensions
{
    private static readonly HttpRequestOptionsKey<bool> Skips = new("OpenRouter.Billing.SkipsBillingGuard");
    private static readonly HttpRequestOptionsKey<BillingScope?> Scope = new("OpenRouter.Billing.BillingScope");

    /// <summary>Lets this one request out unchecked and unbooked.</summary>
    /// <param name="request">The request.</param>
    /// <param name="skip"><see langword="false"/> takes the wish back.</param>
    /// <returns>The same request.</returns>
    public static HttpRequestMessage SkipBillingGuard(this HttpRequestMessage request, bool skip = true)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Set(Skips, skip);
        return request;
    }

    /// <summary>Says whether a request asks to be let out unchecked.</summary>
    /// <param name="request">The request.</param>
    /// <returns><see langword="true"/> after <see cref="SkipBillingGuard"/>.</returns>
    public static bool SkipsBillingGuard(this HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Options.TryGetValue(Skips, out var skips) && skips;
    }

    /// <summary>Says on whose behalf this one request is made.</summary>
    /// <param name="request">The request.</param>
    /// <param name="scope">On whose; what it does not name is taken from <see cref="BillingScope.Current"/>. <see langword="null"/> takes the word back.</param>
    /// <returns>The same request.</returns>
    public static HttpRequestMessage SetBillingScope(this HttpRequestMessage request, BillingScope? scope)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Set(Scope, scope);
        return request;
    }

    /// <summary>Says on whose behalf a request was said to be made.</summary>
    /// <param name="request">The request.</param>
    /// <returns>What <see cref="SetBillingScope"/> set; <see langword="null"/> when nothing did.</returns>
    public static BillingScope? GetBillingScope(this HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Options.TryGetValue(Scope, out var scope) ? scope : null;
    }
}
