using System.Globalization;

namespace OpenRouter.Billing;

/// <summary>Money could not be moved between two workspace budgets. It is never allotted to both.</summary>
public sealed class BudgetMoveException : OpenRouterBillingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="move">What stands.</param>
    /// <param name="innerException">Why the move failed.</param>
    public BudgetMoveException(BudgetMove move, OpenRouterBillingException innerException)
        : base(Describe(move, innerException), innerException) =>
        Move = move;

    /// <summary>Gets what stands.</summary>
    public BudgetMove Move { get; }

    /// <summary>Gets whether both budgets are as they were before.</summary>
    public bool IsUndone => Move.FromLimit == Move.FromLimitBefore && Move.ToLimit == Move.ToLimitBefore;

    private static string Describe(BudgetMove move, OpenRouterBillingException reason)
    {
        ArgumentNullException.ThrowIfNull(move);
        ArgumentNullException.ThrowIfNull(reason);
        return string.Create(CultureInfo.InvariantCulture, $"Moving {move.Amount} US dollars between {move.Interval} budgets failed: {reason.Message} The first stands at {Shown(move.FromLimit)} (before: {move.FromLimitBefore}), the second at {Shown(move.ToLimit)} (before: {move.ToLimitBefore}).");
    }

    private static string Shown(decimal? limit) => limit?.ToString(CultureInfo.InvariantCulture) ?? "an unknown amount";
}
