using Microsoft.Extensions.DependencyInjection;

namespace OpenRouter.Billing;

/// <summary>One registered account, to be configured further.</summary>
public interface IOpenRouterBillingBuilder
{
    /// <summary>Gets the account's name, the key of its options and services; empty for the unnamed account.</summary>
    string Name { get; }

    /// <summary>Gets the services that the account is registered in.</summary>
    IServiceCollection Services { get; }

    /// <summary>Gets the HTTP client that billing calls go through, for an app's own handlers.</summary>
    /// <remarks>Set <see cref="OpenRouterBillingOptions.MaxRetries"/> to 0 before adding a retry handler of your own.</remarks>
    IHttpClientBuilder HttpClient { get; }
}
