using static OpenRouter.Billing.Tests.Api.Contract.Operations;

namespace OpenRouter.Billing.Tests.Api.Contract;

/// <summary>The operations on stored provider keys, the organization, models, generations and data sets.</summary>
internal static class ReadOperations
{
    private const string Model = "openai/gpt-4o-mini:free";

    private static readonly Guid Uuid = Guid.Parse(WriteOperations.Id);
    private static readonly ModelQuery AnyKind = new() { OutputModalities = ["text", "image"] };

    public static IReadOnlyDictionary<string, Func<IOpenRouterBillingClient, Task<object?>>[]> All { get; } = new Dictionary<string, Func<IOpenRouterBillingClient, Task<object?>>[]>
    {
        ["GET /organization/members"] = [client => ListAsync(client.Organization.ListMembersAsync())],
        ["GET /byok"] =
        [
            client => ListAsync(client.Byok.ListAsync()),
            client => ListAsync(client.Byok.ListAsync(new ByokQuery { WorkspaceId = Uuid, Provider = "amazon-bedrock" })),
        ],
        ["POST /byok"] =
        [
            async client => await client.Byok.CreateAsync(new ByokCredentialDraft { Provider = "openai", Key = new ProviderKey("sk-proj-1") }),
            async client => await client.Byok.CreateAsync(new ByokCredentialDraft { Provider = "anthropic", Key = new ProviderKey("k"), Name = "N", WorkspaceId = Uuid, IsDisabled = true, IsFallback = true, IsRequired = true, IsByokOnly = false, DeclaresZeroDataRetention = false, AllowedModels = ["a/b"], AllowedKeyHashes = [WriteOperations.Hash.ToUpperInvariant()], AllowedUserIds = ["user_1"] }),
        ],
        ["GET /byok/{id}"] = [async client => await client.Byok.GetAsync(WriteOperations.Id)],
        ["PATCH /byok/{id}"] =
        [
            async client => await client.Byok.UpdateAsync(WriteOperations.Id, new ByokCredentialUpdate { Key = new ProviderKey("k"), Name = "N", IsDisabled = false, IsFallback = false, IsRequired = true, IsByokOnly = true, DeclaresZeroDataRetention = true, AllowedModels = new[] { "a/b" }, AllowedKeyHashes = new[] { WriteOperations.Hash }, AllowedUserIds = Array.Empty<string>() }),
            async client => await client.Byok.UpdateAsync(WriteOperations.Id, new ByokCredentialUpdate { Name = null, DeclaresZeroDataRetention = null, AllowedModels = null, AllowedKeyHashes = null, AllowedUserIds = null }),
            async client => await client.Byok.UpdateAsync(WriteOperations.Id, new ByokCredentialUpdate()),
        ],
        ["DELETE /byok/{id}"] = [client => DoneAsync(client.Byok.DeleteAsync(WriteOperations.Id))],
        ["GET /generation"] = [async client => await client.Generations.GetAsync("gen-1"), async client => await client.Generations.WaitForAsync("gen-1", TimeSpan.Zero)],
        ["GET /models"] = [async client => await client.Models.ListAsync(), async client => await client.Models.ListAsync(AnyKind)],
        ["GET /models/user"] = [async client => await client.Models.ListForKeyAsync(), async client => await client.Models.ListForKeyAsync(AnyKind)],
        ["GET /models/count"] = [async client => await client.Models.CountAsync(), async client => await client.Models.CountAsync(AnyKind)],
        ["GET /model/{author}/{slug}"] = [async client => await client.Models.GetAsync(Model)],
        ["GET /models/{author}/{slug}/endpoints"] = [async client => await client.Models.ListEndpointsAsync(Model)],
        ["GET /datasets/session-cost"] =
        [
            async client => await client.SessionCosts.GetAsync(),
            async client => await client.SessionCosts.GetAsync(new SessionCostQuery { AppSlug = "an-app", Model = "a/b", Turns = TurnRange.FiftyAndMore }),
        ],
    };
}
