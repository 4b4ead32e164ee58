using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>A budget of an endpoint: what the requests to OpenRouter that are made while it runs may cost.</summary>
public sealed class BillingBudgetMetadata
{
    /// <summary>Describes a budget.</summary>
    /// <param name="limit">How much may be spent in one window, in US dollars.</param>
    /// <param name="window">When it starts again.</param>
    /// <param name="per">Whose requests are counted together.</param>
    /// <param name="name">What tells the budget from others; <see langword="null"/> for the endpoint's own name.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative, or the window or the spender is unknown.</exception>
    public BillingBudgetMetadata(decimal limit, BudgetWindow window, Spender per, string? name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        if (!Enum.IsDefined(window))
        {
            throw new ArgumentOutOfRangeException(nameof(window), window, $"Use one of {string.Join(", ", Enum.GetNames<BudgetWindow>())}.");
        }

        if (!Enum.IsDefined(per))
        {
            throw new ArgumentOutOfRangeException(nameof(per), per, $"Use one of {string.Join(", ", Enum.GetNames<Spender>())}.");
        }

        (Limit, Window, Per, Name) = (limit, window, per, name);
    }

    /// <summary>Gets how much may be spent in one window.</summary>
    /// <value>US dollars; 0 refuses everything that costs.</value>
    public decimal Limit { get; }

    /// <summary>Gets when it starts again.</summary>
    public BudgetWindow Window { get; }

    /// <summary>Gets whose requests are counted together.</summary>
    public Spender Per { get; }

    /// <summary>Gets what tells the budget from others; endpoints whose budgets have the same name share it.</summary>
    /// <value><see langword="null"/> for the endpoint's own name.</value>
    public string? Name { get; }
}
