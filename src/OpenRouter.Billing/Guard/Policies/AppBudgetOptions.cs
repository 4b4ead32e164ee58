namespace OpenRouter.Billing.Guard;

/// <summary>A budget of the app's own, which OpenRouter knows nothing of. The ledger alone counts it.</summary>
public sealed class AppBudgetOptions
{
    /// <summary>Gets or sets whose requests it counts.</summary>
    /// <value><see cref="Spender.App"/> by default.</value>
    public Spender Per { get; set; }

    /// <summary>Gets or sets which project, member or workspace it is for.</summary>
    /// <value>
    /// <see langword="null"/> by default: each has such a budget of its own, unless one of the same window is set for it by name.
    /// </value>
    public string? Name { get; set; }

    /// <summary>Gets or sets how much may be spent in one window.</summary>
    /// <value>US dollars; 0 by default, which refuses everything that costs. Not negative.</value>
    public decimal Limit { get; set; }

    /// <summary>Gets or sets when it starts again.</summary>
    /// <value><see cref="BudgetWindow.Daily"/> by default.</value>
    public BudgetWindow Window { get; set; }

    /// <summary>Gets or sets whether spending through the account's own provider keys counts too.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool IncludesByok { get; set; }
}
