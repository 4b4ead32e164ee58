using System.Globalization;

namespace OpenRouter.Billing;

/// <summary>A workspace budget of a longer window would not be above one of a shorter; nothing was changed.</summary>
public sealed class BudgetOrderException : OpenRouterBillingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="longer">The longer window.</param>
    /// <param name="longerLimit">Its budget in US dollars.</param>
    /// <param name="shorter">The shorter window.</param>
    /// <param name="shorterLimit">Its budget in US dollars.</param>
    public BudgetOrderException(BudgetInterval longer, decimal longerLimit, BudgetInterval shorter, decimal shorterLimit)
        : base(string.Create(CultureInfo.InvariantCulture, $"The {longer} budget would be {longerLimit} US dollars and must be above the {shorter} budget of {shorterLimit} US dollars: change the other one first. Nothing was changed."))
    {
        (Longer, LongerLimit, Shorter, ShorterLimit) = (longer, longerLimit, shorter, shorterLimit);
    }

    /// <summary>Gets the longer window of the offending pair.</summary>
    public BudgetInterval Longer { get; }

    /// <summary>Gets the budget of the longer window.</summary>
    /// <value>US dollars.</value>
    public decimal LongerLimit { get; }

    /// <summary>Gets the shorter window of the offending pair.</summary>
    public BudgetInterval Shorter { get; }

    /// <summary>Gets the budget of the shorter window.</summary>
    /// <value>US dollars.</value>
    public decimal ShorterLimit { get; }
}
