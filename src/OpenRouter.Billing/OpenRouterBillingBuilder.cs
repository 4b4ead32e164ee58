using Microsoft.Extensions.DependencyInjection;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IOpenRouterBillingBuilder"/>
internal sealed record OpenRouterBillingBuilder(string Name, IServiceCollection Services, IHttpClientBuilder HttpClient) : IOpenRouterBillingBuilder;
