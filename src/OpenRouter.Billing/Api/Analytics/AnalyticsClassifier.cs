namespace OpenRouter.Billing;

/// <summary>A classifier whose tags rows are grouped or filtered by; it must be active in the workspace.</summary>
/// <param name="Id">The classifier.</param>
/// <remarks>Sent as <c>classifier_dimensions</c> and <c>classifier_filters</c>, which must name the same one.</remarks>
public sealed record AnalyticsClassifier(Guid Id)
{
    /// <summary>Gets the dimensions of the classifier to group by, at most two.</summary>
    /// <value><see langword="null"/> groups by none; empty gives a row for each dimension and value, in the columns <c>clf_dimension_name</c> and <c>clf_dimension_value</c>.</value>
    /// <remarks>Sent as <c>classifier_dimensions.dimension_names</c>.</remarks>
    public IReadOnlyList<string>? GroupBy { get; init; }

    /// <summary>Gets whether answers without a tag are in the groups.</summary>
    /// <value><see langword="null"/> leaves it to the server, which leaves them out.</value>
    /// <remarks>Sent as <c>classifier_dimensions.include_nulls</c>.</remarks>
    public bool? IncludesUntagged { get; init; }

    /// <summary>Gets conditions on the classifier's dimensions, at most ten, by equality alone.</summary>
    /// <value>Empty by default.</value>
    /// <remarks>Sent as <c>classifier_filters.filters</c>.</remarks>
    public IReadOnlyList<AnalyticsFilter> Filters { get; init; } = [];
}
