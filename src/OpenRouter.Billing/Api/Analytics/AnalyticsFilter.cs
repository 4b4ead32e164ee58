namespace OpenRouter.Billing;

/// <summary>A condition that rows of the answer must meet.</summary>
/// <param name="Field">The dimension that is compared.</param>
/// <param name="Operator">How.</param>
/// <param name="Values">With what: one value, or several for operators that take a list. Identifiers, not labels (see <see cref="AnalyticsDimension"/>).</param>
public sealed record AnalyticsFilter(string Field, AnalyticsOperator Operator, IReadOnlyList<AnalyticsValue> Values)
{
    /// <summary>Gets whether rows are kept in which the dimension has no value; only for <see cref="AnalyticsOperator.AnyOf"/> and <see cref="AnalyticsOperator.NoneOf"/>.</summary>
    /// <value><see langword="null"/> leaves it to the server.</value>
    /// <remarks>Sent as <c>include_unset</c>.</remarks>
    public bool? IncludesUnset { get; init; }

    /// <summary>Keeps rows whose dimension is a value.</summary>
    /// <param name="field">The dimension.</param>
    /// <param name="value">The value.</param>
    /// <returns>The filter.</returns>
    public static AnalyticsFilter EqualTo(string field, AnalyticsValue value) => new(field, AnalyticsOperator.EqualTo, [value]);

    /// <summary>Keeps rows whose dimension is one of several values.</summary>
    /// <param name="field">The dimension.</param>
    /// <param name="values">The values.</param>
    /// <returns>The filter.</returns>
    public static AnalyticsFilter AnyOf(string field, params AnalyticsValue[] values) => new(field, AnalyticsOperator.AnyOf, values);

    /// <summary>Keeps rows whose dimension is none of several values.</summary>
    /// <param name="field">The dimension.</param>
    /// <param name="values">The values.</param>
    /// <returns>The filter.</returns>
    public static AnalyticsFilter NoneOf(string field, params AnalyticsValue[] values) => new(field, AnalyticsOperator.NoneOf, values);
}
