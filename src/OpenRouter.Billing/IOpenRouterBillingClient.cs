namespace OpenRouter.Billing;

/// <summary>OpenRouter's billing API, grouped by concept. Safe for concurrent use.</summary>
public interface IOpenRouterBillingClient
{
    /// <summary>Gets the account's credits.</summary>
    ICreditsClient Credits { get; }

    /// <summary>Gets keys and their limits.</summary>
    IKeysClient Keys { get; }

    /// <summary>Gets what was used and what it cost.</summary>
    IActivityClient Activity { get; }

    /// <summary>Gets figures by any dimension and range of time.</summary>
    IAnalyticsClient Analytics { get; }

    /// <summary>Gets single answers as they were billed.</summary>
    IGenerationsClient Generations { get; }

    /// <summary>Gets the models, with their prices and bounds.</summary>
    IModelsClient Models { get; }

    /// <summary>Gets workspaces, with their budgets and members.</summary>
    IWorkspacesClient Workspaces { get; }

    /// <summary>Gets guardrails, and whom they bind.</summary>
    IGuardrailsClient Guardrails { get; }

    /// <summary>Gets the members of the organization.</summary>
    IOrganizationClient Organization { get; }

    /// <summary>Gets the provider keys that the account has stored.</summary>
    IByokClient Byok { get; }

    /// <summary>Gets what sessions of well-known apps cost.</summary>
    ISessionCostsClient SessionCosts { get; }
}
