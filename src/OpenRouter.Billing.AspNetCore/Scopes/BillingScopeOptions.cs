namespace OpenRouter.Billing.AspNetCore;

/// <summary>On whose behalf requests are made, as the requests themselves say.</summary>
public sealed class BillingScopeOptions
{
    /// <summary>Gets or sets where the project is named.</summary>
    /// <value><see langword="null"/> by default, for no project.</value>
    public BillingScopeSource? Project { get; set; }

    /// <summary>Gets or sets where the member is named.</summary>
    /// <value><see cref="BillingScopeSource.User"/> by default; <see langword="null"/> for no member.</value>
    public BillingScopeSource? Member { get; set; } = BillingScopeSource.User;

    /// <summary>Gets or sets where the workspace is named.</summary>
    /// <value><see langword="null"/> by default, for no workspace.</value>
    public BillingScopeSource? Workspace { get; set; }

    /// <summary>Gets or sets how long a name may be.</summary>
    /// <value>Characters; 128 by default; positive. A request with a longer name is answered with 400.</value>
    public int MaxNameLength { get; set; } = 128;
}
