using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>The serialization of every body; members of a payload are named as on the wire.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    AllowTrailingCommas = true,
    Converters = [typeof(LenientDecimalConverter), typeof(LenientInt64Converter), typeof(LenientBooleanConverter), typeof(LenientInstantConverter), typeof(LenientTextConverter)])]
[JsonSerializable(typeof(CreditsPayload))]
[JsonSerializable(typeof(CurrentKeyPayload))]
[JsonSerializable(typeof(ActivityPayload))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(decimal?))]
[JsonSerializable(typeof(bool?))]
[JsonSerializable(typeof(DateTimeOffset?))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(CurrentKeyPayload.FreeRequests))]
[JsonSerializable(typeof(CurrentKeyPayload.RequestRate))]
[JsonSerializable(typeof(ModelsPayload))]
[JsonSerializable(typeof(GenerationPayload))]
[JsonSerializable(typeof(IReadOnlyList<GenerationPayload.Attempt>))]
[JsonSerializable(typeof(long?))]
[JsonSerializable(typeof(ModelEndpointsPayload))]
[JsonSerializable(typeof(ItemPayload<KeyItem, ApiKey>))]
[JsonSerializable(typeof(ListPayload<KeyItem, ApiKey>))]
[JsonSerializable(typeof(CreatedKeyPayload))]
[JsonSerializable(typeof(KeyDraftPayload))]
[JsonSerializable(typeof(KeyUpdatePayload))]
[JsonSerializable(typeof(DeletedPayload))]
[JsonSerializable(typeof(CountPayload))]
[JsonSerializable(typeof(ItemPayload<WorkspaceItem, Workspace>))]
[JsonSerializable(typeof(ListPayload<WorkspaceItem, Workspace>))]
[JsonSerializable(typeof(WorkspaceChangePayload))]
[JsonSerializable(typeof(IReadOnlyList<long>))]
[JsonSerializable(typeof(BudgetsPayload))]
[JsonSerializable(typeof(ItemPayload<BudgetItem, WorkspaceBudget>))]
[JsonSerializable(typeof(BudgetChangePayload))]
[JsonSerializable(typeof(ListPayload<WorkspaceMemberItem, WorkspaceMember>))]
[JsonSerializable(typeof(UserIdsPayload))]
internal sealed partial class WireContext : JsonSerializerContext;
