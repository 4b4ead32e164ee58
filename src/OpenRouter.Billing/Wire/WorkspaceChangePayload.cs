using System.Globalization;
using System.Text.Json.Serialization;
using static OpenRouter.Billing.Wire.Changes;

namespace OpenRouter.Billing.Wire;

/// <summary>What <c>POST /workspaces</c> and <c>PATCH /workspaces/{id}</c> are sent: only what is set.</summary>
internal sealed record WorkspaceChangePayload
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Slug { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<string>))]
    public Change<string?> Description { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<string>))]
    public Change<string?> DefaultTextModel { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<string>))]
    public Change<string?> DefaultImageModel { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<string>))]
    public Change<string?> DefaultProviderSort { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<IReadOnlyList<long>>))]
    public Change<IReadOnlyList<long>?> IoLoggingApiKeyIds { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<IReadOnlyList<string>>))]
    public Change<IReadOnlyList<string>?> DisabledServerTools { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsDataDiscountLoggingEnabled { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsObservabilityBroadcastEnabled { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsObservabilityIoLoggingEnabled { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? IoLoggingSamplingRate { get; init; }

    public static WorkspaceChangePayload From(WorkspaceDraft draft) => new()
    {
        Name = CheckName(draft.Name ?? throw new ArgumentNullException(nameof(draft), "A workspace needs a name.")),
        Slug = CheckSlug(draft.Slug ?? throw new ArgumentNullException(nameof(draft), "A workspace needs a slug.")),
        Description = IfAny(draft.Description),
        DefaultTextModel = IfAny(draft.DefaultTextModel),
        DefaultImageModel = IfAny(draft.DefaultImageModel),
        DefaultProviderSort = IfAny(draft.DefaultProviderSort),
        IoLoggingApiKeyIds = IfAny(draft.IOLoggingKeyIds),
        DisabledServerTools = IfAny(draft.DisabledServerTools),
        IsDataDiscountLoggingEnabled = draft.IsDataDiscountLoggingEnabled,
        IsObservabilityBroadcastEnabled = draft.IsObservabilityBroadcastEnabled,
        IsObservabilityIoLoggingEnabled = draft.IsIOLoggingEnabled,
        IoLoggingSamplingRate = draft.IOLoggingSamplingRate,
    };

    public static WorkspaceChangePayload From(WorkspaceUpdate update) => new()
    {
        Name = update.Name is { } name ? CheckName(name) : null,
        Slug = update.Slug is { } slug ? CheckSlug(slug) : null,
        Description = update.Description,
        DefaultTextModel = update.DefaultTextModel,
        DefaultImageModel = update.DefaultImageModel,
        DefaultProviderSort = update.DefaultProviderSort,
        IoLoggingApiKeyIds = update.IOLoggingKeyIds,
        DisabledServerTools = update.DisabledServerTools,
        IsDataDiscountLoggingEnabled = update.IsDataDiscountLoggingEnabled,
        IsObservabilityBroadcastEnabled = update.IsObservabilityBroadcastEnabled,
        IsObservabilityIoLoggingEnabled = update.IsIOLoggingEnabled,
        IoLoggingSamplingRate = update.IOLoggingSamplingRate,
    };

    private static string CheckName(string name) =>
        name.Length is >= 1 and <= 100
            ? name
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The name of a workspace has 1 to 100 characters; this one has {name.Length}."), nameof(name));

    private static string CheckSlug(string slug)
    {
        var isSlug = slug.Length is >= 1 and <= 50 && slug.Split('-').All(part => part.Length > 0 && part.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9')));
        return isSlug ? slug : throw new ArgumentException($"'{slug}' is no slug: use lower-case letters and digits with single hyphens between them, 50 characters at most.", nameof(slug));
    }
}
