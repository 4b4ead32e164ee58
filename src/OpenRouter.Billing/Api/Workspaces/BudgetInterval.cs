namespace OpenRouter.Billing;

/// <summary>How long the window of a workspace budget is, on the UTC calendar; unknown words from the server are kept as they are.</summary>
/// <param name="Value">The word of the address, such as <c>monthly</c>.</param>
public readonly record struct BudgetInterval(string Value)
{
    /// <summary>Gets the window that ends at 00:00 UTC.</summary>
    public static BudgetInterval Daily { get; } = new("daily");

    /// <summary>Gets the window that ends on Monday, 00:00 UTC.</summary>
    public static BudgetInterval Weekly { get; } = new("weekly");

    /// <summary>Gets the window that ends on the first of the month, 00:00 UTC.</summary>
    public static BudgetInterval Monthly { get; } = new("monthly");

    /// <summary>Gets the window that never ends.</summary>
    public static BudgetInterval Lifetime { get; } = new("lifetime");

    /// <summary>Finds when the window that holds an instant ends.</summary>
    /// <param name="instant">Any instant.</param>
    /// <returns>Midnight UTC at the window's end; <see langword="null"/> when it never ends, or when the word is unknown.</returns>
    public DateTimeOffset? NextReset(DateTimeOffset instant) => new ResetInterval(Value).NextReset(instant);

    /// <inheritdoc/>
    public override string ToString() => Value ?? string.Empty;

    /// <summary>The place in the order of widths, 0 for the narrowest; null for an unknown word.</summary>
    internal int? Breadth => Value switch { "daily" => 0, "weekly" => 1, "monthly" => 2, "lifetime" => 3, _ => null };
}
