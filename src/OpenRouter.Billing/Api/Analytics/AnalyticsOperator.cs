namespace OpenRouter.Billing;

/// <summary>How a filter compares; unknown words from the server are kept as they are.</summary>
/// <param name="Value">The server's word, such as <c>eq</c>.</param>
public readonly record struct AnalyticsOperator(string Value)
{
    /// <summary>Gets "is the value".</summary>
    public static AnalyticsOperator EqualTo { get; } = new("eq");

    /// <summary>Gets "is not the value".</summary>
    public static AnalyticsOperator NotEqualTo { get; } = new("neq");

    /// <summary>Gets "is one of the values".</summary>
    public static AnalyticsOperator AnyOf { get; } = new("in");

    /// <summary>Gets "is none of the values".</summary>
    public static AnalyticsOperator NoneOf { get; } = new("not_in");

    /// <summary>Gets "is more than the value".</summary>
    public static AnalyticsOperator MoreThan { get; } = new("gt");

    /// <summary>Gets "is the value or more".</summary>
    public static AnalyticsOperator AtLeast { get; } = new("gte");

    /// <summary>Gets "is less than the value".</summary>
    public static AnalyticsOperator LessThan { get; } = new("lt");

    /// <summary>Gets "is the value or less".</summary>
    public static AnalyticsOperator AtMost { get; } = new("lte");

    /// <inheritdoc/>
    public override string ToString() => Value ?? string.Empty;

    /// <summary>Whether several values are compared with; null for a word that is newer.</summary>
    internal bool? TakesList => Value switch
    {
        "in" or "not_in" => true,
        "eq" or "neq" or "gt" or "gte" or "lt" or "lte" => false,
        _ => null,
    };
}
