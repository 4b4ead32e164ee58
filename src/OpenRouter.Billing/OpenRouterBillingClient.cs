using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <summary>OpenRouter's billing API over an <see cref="HttpClient"/>. Safe for concurrent use.</summary>
/// <remarks>
/// An app with a container registers it with <c>AddOpenRouterBilling</c> and has <see cref="IOpenRouterBillingClient"/>
/// injected. Without one:
/// <code>
/// using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
/// var billing = new OpenRouterBillingClient(http, new OpenRouterBillingOptions { ApiKey = key });
/// </code>
/// The options are read when the client is built; later changes to them have no effect on it.
/// </remarks>
public sealed class OpenRouterBillingClient : IOpenRouterBillingClient
{
    /// <summary>Builds a client.</summary>
    /// <param name="httpClient">Sends the calls; never disposed here. Its base address and default headers are left alone.</param>
    /// <param name="options">Address, keys and time bounds.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The options contradict themselves; the message names each, its value and the cure.</exception>
    public OpenRouterBillingClient(HttpClient httpClient, OpenRouterBillingOptions options, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(httpClient);
        OpenRouterBillingOptionsValidator.ThrowIfInvalid(options);
        var clock = timeProvider ?? TimeProvider.System;
        var transport = new BillingTransport(httpClient, options, clock);
        Credits = new CreditsClient(transport);
        var workspaces = new WorkspacesClient(transport);
        Workspaces = workspaces;
        Guardrails = new GuardrailsClient(transport);
        Keys = new KeysClient(transport, workspaces, clock);
        Activity = new ActivityClient(transport);
        Analytics = new AnalyticsClient(transport);
        Generations = new GenerationsClient(transport, clock);
        Models = new ModelsClient(transport);
        Organization = new OrganizationClient(transport);
        Byok = new ByokClient(transport);
        SessionCosts = new SessionCostsClient(transport);
    }

    /// <inheritdoc/>
    public ICreditsClient Credits { get; }

    /// <inheritdoc/>
    public IKeysClient Keys { get; }

    /// <inheritdoc/>
    public IActivityClient Activity { get; }

    /// <inheritdoc/>
    public IAnalyticsClient Analytics { get; }

    /// <inheritdoc/>
    public IGenerationsClient Generations { get; }

    /// <inheritdoc/>
    public IModelsClient Models { get; }

    /// <inheritdoc/>
    public IWorkspacesClient Workspaces { get; }

    /// <inheritdoc/>
    public IGuardrailsClient Guardrails { get; }

    /// <inheritdoc/>
    public IOrganizationClient Organization { get; }

    /// <inheritdoc/>
    public IByokClient Byok { get; }

    /// <inheritdoc/>
    public ISessionCostsClient SessionCosts { get; }
}
