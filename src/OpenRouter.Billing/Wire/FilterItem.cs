using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>A pattern of a guardrail.</summary>
internal sealed record FilterItem(string? Pattern, string? Action)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Label { get; init; }

    public static IReadOnlyList<FilterItem>? From(IReadOnlyList<ContentFilter>? filters) =>
        filters?.Select(filter => new FilterItem(filter.Pattern, filter.Action.Value) { Label = filter.Label }).ToArray();

    public ContentFilter ToContentFilter() => new(Pattern ?? string.Empty, new ContentFilterAction(Action ?? string.Empty)) { Label = Label };
}

/// <summary>One of OpenRouter's own filters in a guardrail.</summary>
internal sealed record BuiltinFilterItem(string? Slug, string? Action)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ScanScope { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Label { get; init; }

    public static IReadOnlyList<BuiltinFilterItem>? From(IReadOnlyList<BuiltinContentFilter>? filters) =>
        filters?.Select(filter => new BuiltinFilterItem(filter.Slug, filter.Action.Value) { ScanScope = filter.ScanScope }).ToArray();

    public BuiltinContentFilter ToBuiltinContentFilter() => new(Slug ?? string.Empty, new ContentFilterAction(Action ?? string.Empty)) { ScanScope = ScanScope, Label = Label };
}
