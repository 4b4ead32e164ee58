namespace OpenRouter.Billing.Sandbox;

/// <summary>Describes an account that <see cref="OpenRouterSandbox.CreateAccount"/> opens.</summary>
public sealed class SandboxAccountOptions
{
    /// <summary>Gets or sets the credits purchased before the first request.</summary>
    /// <value>US dollars; 0 (the default) makes an account that has never purchased credits.</value>
    public decimal InitialCredits { get; set; }

    /// <summary>Gets or sets the id of the account's owner, which error bodies carry as <c>user_id</c>.</summary>
    /// <value><see langword="null"/> (the default) for a random one.</value>
    public string? UserId { get; set; }

    /// <summary>Gets or sets the id of the organization that owns the account.</summary>
    /// <value><see langword="null"/> (the default) for a personal account.</value>
    public string? OrganizationId { get; set; }
}
