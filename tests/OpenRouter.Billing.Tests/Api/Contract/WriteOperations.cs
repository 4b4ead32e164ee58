using System.Text.Json;
using System.Text.Json.Nodes;
using static OpenRouter.Billing.Tests.Api.Contract.Operations;

namespace OpenRouter.Billing.Tests.Api.Contract;

/// <summary>Every operation below keys, workspaces and guardrails, with the method that makes it, in all shapes of request.</summary>
internal static class WriteOperations
{
    public const string Hash = "f01d52606dc8f0a8303a7b5cc3fa07109c2e346cec7c0a16b40de462992ce943";
    public const string Id = "0df9e665-d932-5740-b2c7-b52af166bc11";

    private static readonly Guid Uuid = Guid.Parse(Id);

    public static IReadOnlyDictionary<string, Func<IOpenRouterBillingClient, Task<object?>>[]> All { get; } = new Dictionary<string, Func<IOpenRouterBillingClient, Task<object?>>[]>
    {
        ["GET /keys"] =
        [
            client => ListAsync(client.Keys.ListAsync()),
            client => ListAsync(client.Keys.ListAsync(new KeyQuery { WorkspaceId = Uuid, IncludesDisabled = true, IncludesExpired = true })),
        ],
        ["POST /keys"] =
        [
            async client => Revealed(await client.Keys.CreateAsync(new KeyDraft { Name = "CI" })),
            async client => Revealed(await client.Keys.CreateAsync(new KeyDraft { Name = "CI", Limit = 12.5m, Reset = ResetInterval.Weekly, IncludesByokInLimit = true, ExpiresAt = new DateTimeOffset(2027, 1, 2, 3, 4, 0, TimeSpan.Zero), WorkspaceId = Uuid, CreatorUserId = "user_1", ExternalUser = "them" })),
        ],
        ["GET /keys/{hash}"] = [async client => await client.Keys.GetAsync(Hash)],
        ["PATCH /keys/{hash}"] =
        [
            async client => await client.Keys.UpdateAsync(Hash, new KeyUpdate { Name = "B", Limit = 5m, Reset = ResetInterval.Daily, IncludesByokInLimit = false, IsDisabled = false }),
            async client => await client.Keys.UpdateAsync(Hash, new KeyUpdate { Limit = null, Reset = null }),
            async client => await client.Keys.UpdateAsync(Hash, new KeyUpdate()),
            async client => await client.Keys.DisableAsync(Hash),
            async client => await client.Keys.EnableAsync(Hash),
        ],
        ["DELETE /keys/{hash}"] = [client => DoneAsync(client.Keys.DeleteAsync(Hash))],
        ["GET /workspaces"] = [client => ListAsync(client.Workspaces.ListAsync())],
        ["POST /workspaces"] =
        [
            async client => await client.Workspaces.CreateAsync(new WorkspaceDraft { Name = "Production", Slug = "production-2" }),
            async client => await client.Workspaces.CreateAsync(new WorkspaceDraft { Name = "P", Slug = "p", Description = "d", DefaultTextModel = "a/b", DefaultImageModel = "c/d", DefaultProviderSort = "price", IOLoggingKeyIds = [1, 2], DisabledServerTools = ["openrouter:web_search"], IsDataDiscountLoggingEnabled = true, IsIOLoggingEnabled = false, IsObservabilityBroadcastEnabled = true, IOLoggingSamplingRate = 0.5m }),
        ],
        ["GET /workspaces/{id}"] = [async client => await client.Workspaces.GetAsync(Id)],
        ["PATCH /workspaces/{id}"] =
        [
            async client => await client.Workspaces.UpdateAsync(Id, new WorkspaceUpdate { Name = "N", Slug = "n-1", Description = "d", DefaultTextModel = "a/b", IOLoggingKeyIds = new long[] { 7 }, DisabledServerTools = new[] { "openrouter:shell" }, IsIOLoggingEnabled = true }),
            async client => await client.Workspaces.UpdateAsync(Id, new WorkspaceUpdate { Description = null, DefaultTextModel = null, DefaultImageModel = null, DefaultProviderSort = null, IOLoggingKeyIds = null, DisabledServerTools = null }),
        ],
        ["DELETE /workspaces/{id}"] = [client => DoneAsync(client.Workspaces.DeleteAsync(Id)), client => DoneAsync(client.Workspaces.DeleteAsync(Id, confirmDefaultWorkspaceDeletion: true))],
        ["GET /workspaces/{id}/budgets"] = [async client => await client.Workspaces.Budgets.ListAsync(Id)],
        ["GET /workspaces/{id}/budgets/{interval}"] = [async client => await client.Workspaces.Budgets.GetAsync(Id, BudgetInterval.Lifetime)],
        ["PUT /workspaces/{id}/budgets/{interval}"] =
        [
            async client => await client.Workspaces.Budgets.SetAsync(Id, BudgetInterval.Monthly, 100m),
            async client => await client.Workspaces.Budgets.SetAsync(Id, BudgetInterval.Daily, 0.5m, includeByok: true),
        ],
        ["DELETE /workspaces/{id}/budgets/{interval}"] = [client => DoneAsync(client.Workspaces.Budgets.DeleteAsync(Id, BudgetInterval.Weekly))],
        ["GET /workspaces/{id}/members"] = [client => ListAsync(client.Workspaces.Members.ListAsync(Id))],
        ["POST /workspaces/{id}/members/add"] = [async client => await client.Workspaces.Members.AddAsync(Id, ["user_1", "user_2"])],
        ["POST /workspaces/{id}/members/remove"] = [async client => await client.Workspaces.Members.RemoveAsync(Id, ["user_1"])],
        ["GET /guardrails"] = [client => ListAsync(client.Guardrails.ListAsync()), client => ListAsync(client.Guardrails.ListAsync(Uuid))],
        ["POST /guardrails"] =
        [
            async client => await client.Guardrails.CreateAsync(new GuardrailDraft { Name = "Team" }),
            async client => await client.Guardrails.CreateAsync(Draft),
        ],
        ["GET /guardrails/{id}"] = [async client => await client.Guardrails.GetAsync(Id)],
        ["PATCH /guardrails/{id}"] =
        [
            async client => await client.Guardrails.UpdateAsync(Id, new GuardrailUpdate { Name = "T", Limit = 9.99m, Reset = ResetInterval.Monthly, AllowedModels = new[] { "a/b" }, EnforcesZeroDataRetentionAtXAI = true, ContentFilters = new[] { new ContentFilter("a+", ContentFilterAction.Flag) } }),
            async client => await client.Guardrails.UpdateAsync(Id, new GuardrailUpdate { Limit = null, Reset = null, Description = null, AllowedModels = null, IgnoredProviders = null, AllowsPaidModelTraining = null, ContentFilters = null, BuiltinContentFilters = null, AllowedDataRegions = null }),
        ],
        ["DELETE /guardrails/{id}"] = [client => DoneAsync(client.Guardrails.DeleteAsync(Id))],
        ["GET /guardrails/{id}/assignments/keys"] = [client => ListAsync(client.Guardrails.Assignments.ListKeysAsync(Id))],
        ["POST /guardrails/{id}/assignments/keys"] = [async client => await client.Guardrails.Assignments.AssignKeysAsync(Id, [Hash])],
        ["POST /guardrails/{id}/assignments/keys/remove"] = [async client => await client.Guardrails.Assignments.UnassignKeysAsync(Id, [Hash])],
        ["GET /guardrails/{id}/assignments/members"] = [client => ListAsync(client.Guardrails.Assignments.ListMembersAsync(Id))],
        ["POST /guardrails/{id}/assignments/members"] = [async client => await client.Guardrails.Assignments.AssignMembersAsync(Id, ["user_1"])],
        ["POST /guardrails/{id}/assignments/members/remove"] = [async client => await client.Guardrails.Assignments.UnassignMembersAsync(Id, ["user_1"])],
        ["GET /guardrails/assignments/keys"] = [client => ListAsync(client.Guardrails.Assignments.ListKeysAsync())],
        ["GET /guardrails/assignments/members"] = [client => ListAsync(client.Guardrails.Assignments.ListMembersAsync())],
    };

    private static GuardrailDraft Draft => new()
    {
        Name = "Team",
        WorkspaceId = Uuid,
        Description = "d",
        Limit = 50m,
        Reset = ResetInterval.Weekly,
        IncludesByok = true,
        AllowedModels = ["a/b"],
        IgnoredModels = ["c/d"],
        AllowedProviders = ["openai"],
        IgnoredProviders = ["azure"],
        AllowedDataRegions = ["europe"],
        AllowsFreeModelPublication = false,
        AllowsFreeModelTraining = false,
        AllowsPaidModelTraining = true,
        EnforcesZeroDataRetention = true,
        EnforcesZeroDataRetentionAtAnthropic = true,
        EnforcesZeroDataRetentionAtGoogle = false,
        EnforcesZeroDataRetentionAtOpenAI = true,
        EnforcesZeroDataRetentionAtXAI = false,
        EnforcesZeroDataRetentionElsewhere = true,
        ContentFilters = [new ContentFilter("\\d+", ContentFilterAction.Redact) { Label = "digits" }],
        BuiltinContentFilters = [new BuiltinContentFilter("regex-prompt-injection", ContentFilterAction.Block) { ScanScope = "user_only" }],
    };

    private static JsonObject Revealed(NewKey key) => new JsonObject { ["Key"] = JsonSerializer.SerializeToNode(key.Key), ["Secret"] = key.RevealSecret() };
}
