using System.Globalization;
using System.Text.Json.Serialization;
using static OpenRouter.Billing.Wire.Changes;

namespace OpenRouter.Billing.Wire;

/// <summary>What <c>POST /guardrails</c> and <c>PATCH /guardrails/{id}</c> are sent: only what is set.</summary>
internal sealed record GuardrailChangePayload
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? WorkspaceId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IncludeByokInBudgets { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<string>))]
    public Change<string?> Description { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<decimal?>))]
    public Change<decimal?> LimitUsd { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<string>))]
    public Change<string?> ResetInterval { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<IReadOnlyList<string>>))]
    public Change<IReadOnlyList<string>?> AllowedModels { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<IReadOnlyList<string>>))]
    public Change<IReadOnlyList<string>?> IgnoredModels { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<IReadOnlyList<string>>))]
    public Change<IReadOnlyList<string>?> AllowedProviders { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<IReadOnlyList<string>>))]
    public Change<IReadOnlyList<string>?> IgnoredProviders { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<IReadOnlyList<string>>))]
    public Change<IReadOnlyList<string>?> AllowedDataRegions { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<bool?>))]
    public Change<bool?> EnableFreeModelPublication { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<bool?>))]
    public Change<bool?> EnableFreeModelTraining { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<bool?>))]
    public Change<bool?> EnablePaidModelTraining { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<bool?>))]
    public Change<bool?> EnforceZdr { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<bool?>))]
    public Change<bool?> EnforceZdrAnthropic { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<bool?>))]
    public Change<bool?> EnforceZdrGoogle { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<bool?>))]
    public Change<bool?> EnforceZdrOpenai { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<bool?>))]
    public Change<bool?> EnforceZdrXai { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<bool?>))]
    public Change<bool?> EnforceZdrOther { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<IReadOnlyList<FilterItem>>))]
    public Change<IReadOnlyList<FilterItem>?> ContentFilters { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<IReadOnlyList<BuiltinFilterItem>>))]
    public Change<IReadOnlyList<BuiltinFilterItem>?> ContentFilterBuiltins { get; init; }

    public static GuardrailChangePayload From(GuardrailDraft draft)
    {
        if (draft.Limit is null != draft.Reset is null)
        {
            throw new ArgumentException($"{nameof(draft.Limit)} and {nameof(draft.Reset)} belong together: set both, or neither.", nameof(draft));
        }

        return new GuardrailChangePayload
        {
            Name = CheckName(draft.Name ?? throw new ArgumentNullException(nameof(draft), "A guardrail needs a name.")),
            WorkspaceId = draft.WorkspaceId,
            IncludeByokInBudgets = draft.IncludesByok,
            Description = IfAny(draft.Description),
            LimitUsd = IfAny(SentMoney.Of(draft.Limit, nameof(draft.Limit))),
            ResetInterval = IfAny(draft.Reset?.Value),
            AllowedModels = IfAny(NotEmpty(draft.AllowedModels, nameof(draft.AllowedModels))),
            IgnoredModels = IfAny(NotEmpty(draft.IgnoredModels, nameof(draft.IgnoredModels))),
            AllowedProviders = IfAny(NotEmpty(draft.AllowedProviders, nameof(draft.AllowedProviders))),
            IgnoredProviders = IfAny(NotEmpty(draft.IgnoredProviders, nameof(draft.IgnoredProviders))),
            AllowedDataRegions = IfAny(draft.AllowedDataRegions),
            EnableFreeModelPublication = IfAny(draft.AllowsFreeModelPublication),
            EnableFreeModelTraining = IfAny(draft.AllowsFreeModelTraining),
            EnablePaidModelTraining = IfAny(draft.AllowsPaidModelTraining),
            EnforceZdr = IfAny(draft.EnforcesZeroDataRetention),
            EnforceZdrAnthropic = IfAny(draft.EnforcesZeroDataRetentionAtAnthropic),
            EnforceZdrGoogle = IfAny(draft.EnforcesZeroDataRetentionAtGoogle),
            EnforceZdrOpenai = IfAny(draft.EnforcesZeroDataRetentionAtOpenAI),
            EnforceZdrXai = IfAny(draft.EnforcesZeroDataRetentionAtXAI),
            EnforceZdrOther = IfAny(draft.EnforcesZeroDataRetentionElsewhere),
            ContentFilters = IfAny(FilterItem.From(draft.ContentFilters)),
            ContentFilterBuiltins = IfAny(BuiltinFilterItem.From(draft.BuiltinContentFilters)),
        };
    }

    public static GuardrailChangePayload From(GuardrailUpdate update) => new()
    {
        Name = update.Name is { } name ? CheckName(name) : null,
        IncludeByokInBudgets = update.IncludesByok,
        Description = update.Description,
        LimitUsd = update.Limit.To(usd => SentMoney.Of(usd, nameof(update.Limit))),
        ResetInterval = update.Reset.To(interval => interval?.Value),
        AllowedModels = update.AllowedModels.To(list => NotEmpty(list, nameof(update.AllowedModels))),
        IgnoredModels = update.IgnoredModels.To(list => NotEmpty(list, nameof(update.IgnoredModels))),
        AllowedProviders = update.AllowedProviders.To(list => NotEmpty(list, nameof(update.AllowedProviders))),
        IgnoredProviders = update.IgnoredProviders.To(list => NotEmpty(list, nameof(update.IgnoredProviders))),
        AllowedDataRegions = update.AllowedDataRegions,
        EnableFreeModelPublication = update.AllowsFreeModelPublication,
        EnableFreeModelTraining = update.AllowsFreeModelTraining,
        EnablePaidModelTraining = update.AllowsPaidModelTraining,
        EnforceZdr = update.EnforcesZeroDataRetention,
        EnforceZdrAnthropic = update.EnforcesZeroDataRetentionAtAnthropic,
        EnforceZdrGoogle = update.EnforcesZeroDataRetentionAtGoogle,
        EnforceZdrOpenai = update.EnforcesZeroDataRetentionAtOpenAI,
        EnforceZdrXai = update.EnforcesZeroDataRetentionAtXAI,
        EnforceZdrOther = update.EnforcesZeroDataRetentionElsewhere,
        ContentFilters = update.ContentFilters.To(FilterItem.From),
        ContentFilterBuiltins = update.BuiltinContentFilters.To(BuiltinFilterItem.From),
    };

    private static string CheckName(string name) =>
        name.Length is >= 1 and <= 200
            ? name
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The name of a guardrail has 1 to 200 characters; this one has {name.Length}."), nameof(name));

    private static IReadOnlyList<string>? NotEmpty(IReadOnlyList<string>? list, string name) =>
        list is not { Count: 0 } ? list : throw new ArgumentException($"{name} is empty: name at least one entry, or null for none of this rule.", name);
}
