namespace OpenRouter.Billing.AspNetCore;

/// <summary>Who may see the dashboard, and of which account.</summary>
public sealed class BillingDashboardOptions
{
    /// <summary>Gets or sets the name of the account that is shown.</summary>
    /// <value>Empty by default, for the unnamed account.</value>
    public string Account { get; set; } = string.Empty;

    /// <summary>Gets or sets the name of the authorization policy that whoever looks must meet.</summary>
    /// <value><see langword="null"/> by default: then whoever is signed in may look, and in production the app does not start.</value>
    public string? AuthorizationPolicy { get; set; }

    /// <summary>Gets or sets whether anybody may look who reaches the address.</summary>
    /// <value><see langword="false"/> by default. Only for a page that something else protects.</value>
    public bool AllowAnonymous { get; set; }

    /// <summary>Gets or sets how often an open page brings itself up to date.</summary>
    /// <value>10 seconds by default; at least 1 second.</value>
    public TimeSpan RefreshEvery { get; set; } = TimeSpan.FromSeconds(10);
}
