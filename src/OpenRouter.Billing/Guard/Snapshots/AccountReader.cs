using System.Net;

namespace OpenRouter.Billing.Guard;

/// <summary>Asks OpenRouter about an account and a key, and tells "may not" from "could not".</summary>
internal sealed class AccountReader(Func<HttpClient> createHttpClient, TimeProvider timeProvider)
{
    /// <summary>Asks for the balance: with the management key, else with the request's own key, which some accounts allow.</summary>
    public async Task<Reading<CreditBalance>> ReadBalanceAsync(string apiKey, OpenRouterBillingOptions options)
    {
        var askedAt = Instant.Now(timeProvider);
        try
        {
            var credits = await ClientFor(options, null, options.ManagementKey ?? apiKey).Credits.GetAsync().ConfigureAwait(false);
            // An ordinary key may be told zeros, which mean "unknown". A management key is told the truth.
            return options.ManagementKey is null && credits is { TotalCredits: 0, TotalUsage: 0 }
                ? Reading<CreditBalance>.NotPermitted(askedAt)
                : Reading<CreditBalance>.Known(credits, askedAt);
        }
        catch (OpenRouterApiException exception) when (options.ManagementKey is null && IsKeyRefused(exception))
        {
            return Reading<CreditBalance>.NotPermitted(askedAt, exception);
        }
        catch (OpenRouterBillingException exception)
        {
            // A management key that is set and refused ends here too: the app counts on the balance, so it is not given up in silence.
            return Reading<CreditBalance>.Unavailable(askedAt, exception);
        }
    }

    /// <summary>Asks for the key's limits.</summary>
    public async Task<Reading<ApiKeyStatus>> ReadKeyAsync(string apiKey, OpenRouterBillingOptions options)
    {
        var askedAt = Instant.Now(timeProvider);
        try
        {
            var status = await ClientFor(options, apiKey, null).Keys.GetCurrentAsync().ConfigureAwait(false);
            return Reading<ApiKeyStatus>.Known(status, askedAt);
        }
        catch (OpenRouterApiException exception) when (exception.StatusCode == HttpStatusCode.Unauthorized && IsKeyRefused(exception))
        {
            return Reading<ApiKeyStatus>.NotPermitted(askedAt, exception);
        }
        catch (OpenRouterBillingException exception)
        {
            return Reading<ApiKeyStatus>.Unavailable(askedAt, exception);
        }
    }

    // Said by OpenRouter itself: a page from an edge or a proxy refuses in HTML and says nothing about the key.
    private static bool IsKeyRefused(OpenRouterApiException exception) =>
        exception is { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, ErrorCode: not null };

    private OpenRouterBillingClient ClientFor(OpenRouterBillingOptions options, string? apiKey, string? managementKey) =>
        new(createHttpClient(), options.WithKeys(apiKey, managementKey, options.MaxRetries), timeProvider);
}
