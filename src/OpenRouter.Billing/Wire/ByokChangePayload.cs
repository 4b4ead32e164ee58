using System.Globalization;
using System.Text.Json.Serialization;
using static OpenRouter.Billing.Wire.Changes;

namespace OpenRouter.Billing.Wire;

/// <summary>What <c>POST /byok</c> and <c>PATCH /byok/{id}</c> are sent: only what is set. A class, so that no text of it shows the key.</summary>
internal sealed class ByokChangePayload
{
    private const int LongestName = 255;
    private const int MostEntries = 100;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Provider { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? WorkspaceId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Disabled { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsFallback { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsRequired { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsByokOnly { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<string>))]
    public Change<string?> Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<bool?>))]
    public Change<bool?> DeclaredZdr { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<IReadOnlyList<string>>))]
    public Change<IReadOnlyList<string>?> AllowedModels { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<IReadOnlyList<string>>))]
    public Change<IReadOnlyList<string>?> AllowedApiKeyHashes { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(ChangeConverter<IReadOnlyList<string>>))]
    public Change<IReadOnlyList<string>?> AllowedUserIds { get; init; }

    public static ByokChangePayload From(ByokCredentialDraft draft)
    {
        CheckWays(draft.IsFallback, draft.IsByokOnly, nameof(draft));
        ArgumentNullException.ThrowIfNull(draft.Key, nameof(draft));
        _ = PathSegment.Of(draft.Provider, nameof(draft));
        return new ByokChangePayload
        {
            Provider = draft.Provider,
            Key = draft.Key.Reveal(),
            WorkspaceId = draft.WorkspaceId,
            Disabled = draft.IsDisabled,
            IsFallback = draft.IsFallback,
            IsRequired = draft.IsRequired,
            IsByokOnly = draft.IsByokOnly,
            Name = IfAny(CheckName(draft.Name)),
            DeclaredZdr = IfAny(draft.DeclaresZeroDataRetention),
            AllowedModels = IfAny(CheckLength(draft.AllowedModels, nameof(draft.AllowedModels))),
            AllowedApiKeyHashes = IfAny(CheckHashes(draft.AllowedKeyHashes)),
            AllowedUserIds = IfAny(CheckLength(draft.AllowedUserIds, nameof(draft.AllowedUserIds))),
        };
    }

    public static ByokChangePayload From(ByokCredentialUpdate update)
    {
        CheckWays(update.IsFallback, update.IsByokOnly, nameof(update));
        return new ByokChangePayload
        {
            Key = update.Key?.Reveal(),
            Disabled = update.IsDisabled,
            IsFallback = update.IsFallback,
            IsRequired = update.IsRequired,
            IsByokOnly = update.IsByokOnly,
            Name = update.Name.To(CheckName),
            DeclaredZdr = update.DeclaresZeroDataRetention,
            AllowedModels = update.AllowedModels.To(list => CheckLength(list, nameof(update.AllowedModels))),
            AllowedApiKeyHashes = update.AllowedKeyHashes.To(CheckHashes),
            AllowedUserIds = update.AllowedUserIds.To(list => CheckLength(list, nameof(update.AllowedUserIds))),
        };
    }

    private static void CheckWays(bool? isFallback, bool? isByokOnly, string name)
    {
        if (isFallback == true && isByokOnly == true)
        {
            throw new ArgumentException($"{nameof(ByokCredential.IsFallback)} and {nameof(ByokCredential.IsByokOnly)} exclude each other: set one of them.", name);
        }
    }

    private static string? CheckName(string? name) =>
        name is not { Length: > LongestName } ? name
        : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The name has {name.Length} characters and may have {LongestName}."), nameof(name));

    private static IReadOnlyList<string>? CheckLength(IReadOnlyList<string>? list, string name) =>
        list is not { Count: > MostEntries } ? list
        : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} has {list.Count} entries and may have {MostEntries}."), name);

    // The schema takes lower case alone here, and the keys API shows it so.
    private static IReadOnlyList<string>? CheckHashes(IReadOnlyList<string>? hashes) => hashes is null ? null
        : [.. SentIds.Check(hashes, MostEntries, nameof(ByokCredential.AllowedKeyHashes)).Select(hash => LowerCase(PathSegment.OfHash(hash, nameof(hashes))))];

#pragma warning disable CA1308 // the keys API writes hashes in lower case
    private static string LowerCase(string hash) => hash.ToLowerInvariant();
#pragma warning restore CA1308
}
