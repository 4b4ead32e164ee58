using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <summary>Looks for the first thing in a query that OpenRouter would refuse.</summary>
internal sealed class AnalyticsQueryCheck(AnalyticsQuery query, AnalyticsMeta? meta)
{
    private const int MostDimensions = 2;
    private const int MostFilters = 20;
    private const int MostClassifierFilters = 10;
    private const int MostNamesShown = 40;

    // Of single answers and their timing no more is kept.
    private static readonly TimeSpan LongestDetail = TimeSpan.FromDays(31);

    public void Run()
    {
        CheckNames(nameof(query.Metrics), query.Metrics, 1, int.MaxValue, meta?.Metrics.Select(metric => metric.Name));
        CheckNames(nameof(query.Dimensions), query.Dimensions, 0, MostDimensions, meta?.Dimensions.Select(dimension => dimension.Name));
        CheckFilters(nameof(query.Filters), query.Filters, MostFilters, meta?.Dimensions.Select(dimension => dimension.Name), meta?.Operators);
        if (query.Granularity is { } granularity)
        {
            CheckName(nameof(query.Granularity), granularity.Value, meta?.Granularities.Select(step => step.Granularity.Value));
        }

        CheckRange();
        CheckClassifier();
        CheckOrder();
        CheckLimit(nameof(query.Limit), query.Limit);
        CheckLimit(nameof(query.GroupLimit), query.GroupLimit);
    }

    private void CheckRange()
    {
        if (query.Range is not { } range)
        {
            return;
        }

        if (range.Start >= range.End)
        {
            Fail(nameof(query.Range), $"begins at {Shown(range.Start)} and ends at {Shown(range.End)}, and must end later than it begins", Shown(range.End));
        }

        var detail = query.Dimensions.FirstOrDefault(name => name == AnalyticsDimension.GenerationId)
            ?? query.Metrics.FirstOrDefault(name => meta?.Metrics.Any(metric => metric.Name == name && metric.IsTiming) == true);
        if (detail is not null && range.End - range.Start > LongestDetail)
        {
            Fail(nameof(query.Range), $"is {(range.End - range.Start).TotalDays:0.#} days long, and with '{Shown(detail)}' at most {LongestDetail.Days} days are allowed", detail);
        }
    }

    private void CheckClassifier()
    {
        if (query.Classifier is not { } classifier)
        {
            return;
        }

        const string Part = nameof(query.Classifier) + ".";
        if (classifier.Id == Guid.Empty)
        {
            Fail(Part + nameof(classifier.Id), $"is empty, and must be the UUID of a classifier", null);
        }

        if (classifier.GroupBy is null && classifier.Filters.Count == 0)
        {
            Fail(nameof(query.Classifier), $"neither groups nor filters: set {nameof(classifier.GroupBy)} or {nameof(classifier.Filters)}, or leave it out", null);
        }

        CheckNames(Part + nameof(classifier.GroupBy), classifier.GroupBy ?? [], 0, MostDimensions, null);
        var equality = new[] { AnalyticsOperator.EqualTo, AnalyticsOperator.NotEqualTo, AnalyticsOperator.AnyOf, AnalyticsOperator.NoneOf };
        CheckFilters(Part + nameof(classifier.Filters), classifier.Filters, MostClassifierFilters, null, equality.Select(each => new AnalyticsOperatorRule(each, null)));
    }

    private void CheckOrder()
    {
        if (query.OrderBy is { } order)
        {
            CheckName(nameof(query.OrderBy), order.Field, [.. query.Metrics, .. query.Dimensions, .. query.Classifier?.GroupBy ?? [], AnalyticsMetric.RequestCount, "date"]);
        }
    }

    private static void CheckFilters(string part, IReadOnlyList<AnalyticsFilter>? filters, int most, IEnumerable<string>? fields, IEnumerable<AnalyticsOperatorRule>? operators)
    {
        CheckCount(part, filters, 0, most);
        foreach (var filter in filters)
        {
            if (filter is null)
            {
                Fail(part, $"holds null in place of a filter", null);
            }

            CheckName(part, filter.Field, fields);
            CheckName(part, filter.Operator.Value, operators?.Select(rule => rule.Operator.Value));
            CheckValues(part, filter, operators?.FirstOrDefault(rule => rule.Operator == filter.Operator)?.TakesList ?? filter.Operator.TakesList);
            if (filter is { IncludesUnset: not null, Operator.TakesList: false })
            {
                Fail(part, $"sets {nameof(filter.IncludesUnset)} for '{filter.Operator}', and it applies to 'in' and 'not_in' alone", filter.Operator.Value, [AnalyticsOperator.AnyOf.Value, AnalyticsOperator.NoneOf.Value]);
            }
        }
    }

    private static void CheckValues(string part, AnalyticsFilter filter, bool? takesList)
    {
        CheckCount(part + ".Values", filter.Values, 1, takesList == false ? 1 : int.MaxValue);
        foreach (var value in filter.Values)
        {
            if (value is { Text: null, Number: null })
            {
                Fail(part, $"compares '{Shown(filter.Field)}' with nothing, and must with a text or a number", null);
            }

            if (KeyShape.LooksLikeKey(value.Text ?? string.Empty))
            {
                Fail(part, $"compares '{Shown(filter.Field)}' with a key, and its hash is wanted, which the keys API shows as 'hash'", null);
            }
        }
    }

    private static void CheckNames(string part, IReadOnlyList<string>? names, int least, int most, IEnumerable<string>? allowed)
    {
        CheckCount(part, names, least, most);
        var known = allowed?.ToList();
        foreach (var name in names)
        {
            CheckName(part, name, known);
        }

        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
        {
            Fail(part, $"names '{Shown(twice.Key)}' twice, and once is allowed", twice.Key);
        }
    }

    private static void CheckName(string part, string? name, IEnumerable<string>? allowed)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            Fail(part, $"has a blank name", name, allowed);
        }

        if (allowed is not null && !allowed.Contains(name, StringComparer.Ordinal))
        {
            Fail(part, $"names '{Shown(name)}', which is not allowed", name, allowed);
        }
    }

    private static void CheckCount<T>(string part, [NotNull] IReadOnlyList<T>? list, int least, int most)
    {
        if (list is null)
        {
            Fail(part, $"is null", null);
        }

        if (list.Count < least || list.Count > most)
        {
            var bound = least > 0 && most == int.MaxValue ? $"at least {least}" : least == most ? $"exactly {least}" : $"at most {most}";
            Fail(part, $"has {list.Count}, and {bound} is allowed", list.Count.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void CheckLimit(string part, int? limit)
    {
        if (limit < 1)
        {
            Fail(part, $"is {limit}, and at least 1 is allowed", limit.Value.ToString(CultureInfo.InvariantCulture));
        }
    }

    [DoesNotReturn]
    private static void Fail(string part, FormattableString what, string? value, IEnumerable<string>? allowed = null)
    {
        var names = allowed?.Distinct(StringComparer.Ordinal).ToList();
        var choice = names is null ? string.Empty
            : names.Count == 0 ? " There are none."
            : $" Allowed: {string.Join(", ", names.Take(MostNamesShown).Select(Shown))}{(names.Count > MostNamesShown ? ", …" : string.Empty)}.";
        throw new AnalyticsQueryException($"{part} {FormattableString.Invariant(what)}.{choice} Nothing was sent.", part, value is null || KeyShape.LooksLikeKey(value) ? null : value, names);
    }

    private static string Shown(string name) => ServerText.Word(name) ?? string.Empty;

    private static string Shown(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
