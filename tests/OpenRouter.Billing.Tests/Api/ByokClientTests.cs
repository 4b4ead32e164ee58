using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Api;

public sealed class ByokClientTests
{
    private const string Secret = "sk-proj-abcdefghijklmnopqrstuvwxyz";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Credentials_CreatedChangedDeleted_AreAsTheServerHoldsThem()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var byok = Client(sandbox).Byok;
        var hash = sandbox.Account.Keys[0].Hash;
        var made = await byok.CreateAsync(new ByokCredentialDraft { Provider = "openai", Key = new ProviderKey(Secret), Name = "Ours", IsRequired = true, AllowedKeyHashes = [hash], AllowedModels = ["openai/gpt-4o-mini"] }, Cancelled);
        Assert.Equal(("openai", "Ours", "sk-...wxyz", true, false, 0L), (made.Provider, made.Name, made.Label, made.IsRequired, made.IsByokOnly, made.SortOrder));
        Assert.Equal([hash], made.AllowedKeyHashes!);
        Assert.Equal(["openai/gpt-4o-mini"], made.AllowedModels!);
        Assert.Null(made.AllowedUserIds);

        var changed = await byok.UpdateAsync(made.Id, new ByokCredentialUpdate { IsDisabled = true, DeclaresZeroDataRetention = true }, Cancelled);
        Assert.Equal((true, true, "Ours", "sk-...wxyz"), (changed.IsDisabled, changed.DeclaresZeroDataRetention, changed.Name, changed.Label));
        Assert.Equal([hash], changed.AllowedKeyHashes!);
        var cleared = await byok.UpdateAsync(made.Id, new ByokCredentialUpdate { Name = null, AllowedKeyHashes = null, DeclaresZeroDataRetention = null, Key = new ProviderKey("another-key-of-theirs") }, Cancelled);
        Assert.Equal((null, null, null, "ano...eirs", true), (cleared.Name, cleared.AllowedKeyHashes, cleared.DeclaresZeroDataRetention, cleared.Label, cleared.IsDisabled));
        Assert.Equal(["openai/gpt-4o-mini"], cleared.AllowedModels!);

        Assert.Equivalent(cleared, await byok.GetAsync(made.Id, Cancelled));
        await byok.DeleteAsync(made.Id, Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<OpenRouterApiException>(() => byok.GetAsync(made.Id, Cancelled))).StatusCode);
    }

    [Fact]
    public async Task ListAsync_ManyInTwoWorkspaces_GivesThoseOfOneWorkspaceAndProvider()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var client = Client(sandbox);
        var other = await client.Workspaces.CreateAsync(new WorkspaceDraft { Name = "W", Slug = "w" }, Cancelled);
        for (var i = 0; i < 120; i++)
        {
            await client.Byok.CreateAsync(new ByokCredentialDraft { Provider = i % 2 == 0 ? "openai" : "groq", Key = new ProviderKey("k") }, Cancelled);
        }

        await client.Byok.CreateAsync(new ByokCredentialDraft { Provider = "openai", Key = new ProviderKey("k"), WorkspaceId = Guid.Parse(other.Id) }, Cancelled);
        Assert.Equal(120, await CountAsync(client.Byok.ListAsync(cancellationToken: Cancelled)));
        Assert.Equal(60, await CountAsync(client.Byok.ListAsync(new ByokQuery { Provider = "groq" }, Cancelled)));
        Assert.Equal(1, await CountAsync(client.Byok.ListAsync(new ByokQuery { WorkspaceId = Guid.Parse(other.Id) }, Cancelled)));
    }

    [Fact]
    public async Task UpdateAsync_LeftAndSetToNull_AreSentDifferently()
    {
        var handler = new ScriptedHandler(_ => StubHandler.Json("""{"data":{"id":"1"}}"""));
        var byok = BillingClientKit.Over(handler).Byok;
        await byok.UpdateAsync("1", new ByokCredentialUpdate(), Cancelled);
        await byok.UpdateAsync("1", new ByokCredentialUpdate { Name = null, DeclaresZeroDataRetention = null, AllowedModels = null, AllowedKeyHashes = null, AllowedUserIds = null }, Cancelled);
        Assert.Equal(["{}", """{"name":null,"declared_zdr":null,"allowed_models":null,"allowed_api_key_hashes":null,"allowed_user_ids":null}"""], handler.Requests.Select(request => request.Body));
    }

    [Fact]
    public void ProviderKey_ShownInAnyWay_IsHidden()
    {
        var key = new ProviderKey(Secret);
        var draft = new ByokCredentialDraft { Provider = "openai", Key = key };
        var update = new ByokCredentialUpdate { Key = key };
        foreach (var shown in new[] { key.ToString(), draft.ToString(), update.ToString(), JsonSerializer.Serialize(key), JsonSerializer.Serialize(draft), JsonSerializer.Serialize(update) })
        {
            Assert.DoesNotContain("abcdefg", shown, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(typeof(ProviderKey).GetProperties(), property => property.PropertyType == typeof(string));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(500)]
    [InlineData(200)]
    public async Task CreateAsync_ServerRepeatsTheKey_NoExceptionShowsIt(int status)
    {
        // A provider's key has no shape of its own, so what the server says about a call that held one is suspect.
        var handler = new ScriptedHandler(request => StubHandler.Json(new JsonObject { ["error"] = new JsonObject { ["code"] = status, ["message"] = "Invalid " + (string)JsonNode.Parse(request.Body)!["key"]! } }.ToJsonString(), (HttpStatusCode)status));
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Over(handler).Byok.CreateAsync(new ByokCredentialDraft { Provider = "openai", Key = new ProviderKey(Secret) }, Cancelled));
        Assert.DoesNotContain("abcdefg", exception.ToString() + exception.ServerMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "blank")]
    [InlineData(" ", "blank")]
    [InlineData(TestData.ApiKey, "OpenRouter's own")]
    public void ProviderKey_NoneOrAnotherKind_IsRefusedWithoutShowingIt(string secret, string named)
    {
        var exception = Assert.Throws<ArgumentException>(() => new ProviderKey(secret));
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("1111", exception.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> BadDrafts => ["provider", "ways", "name", "no hashes", "wrong hash", "many models", "many users"];

    [Theory]
    [MemberData(nameof(BadDrafts))]
    public async Task CreateAsync_ThatTheServerWouldRefuse_SendsNothing(string what)
    {
        var good = new ByokCredentialDraft { Provider = "openai", Key = new ProviderKey("k") };
        var bad = what switch
        {
            "provider" => good with { Provider = " " },
            "ways" => good with { IsFallback = true, IsByokOnly = true },
            "name" => good with { Name = new string('n', 256) },
            "no hashes" => good with { AllowedKeyHashes = [] },
            "wrong hash" => good with { AllowedKeyHashes = ["abc"] },
            "many models" => good with { AllowedModels = [.. Enumerable.Repeat("a/b", 101)] },
            _ => good with { AllowedUserIds = [.. Enumerable.Repeat("user", 101)] },
        };
        var handler = new ScriptedHandler(_ => throw new InvalidOperationException("Something was sent."));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => BillingClientKit.Over(handler).Byok.CreateAsync(bad, Cancelled));
    }

    [Fact]
    public async Task ListAsync_DefaultWorkspaceDeleted_IsRefusedUntilOneIsNamed()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var client = Client(sandbox);
        var other = await client.Workspaces.CreateAsync(new WorkspaceDraft { Name = "W", Slug = "w" }, Cancelled);
        await client.Workspaces.DeleteAsync("default", confirmDefaultWorkspaceDeletion: true, cancellationToken: Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, (await Assert.ThrowsAsync<OpenRouterApiException>(() => CountAsync(client.Byok.ListAsync(cancellationToken: Cancelled)))).StatusCode);
        Assert.Equal(0, await CountAsync(client.Byok.ListAsync(new ByokQuery { WorkspaceId = Guid.Parse(other.Id) }, Cancelled)));
    }

    private static OpenRouterBillingClient Client(OpenRouterSandbox sandbox) =>
        new(new HttpClient(new SocketsHttpHandler()), TestData.Options(options => (options.BaseAddress, options.ManagementKey) = (sandbox.BaseAddress, sandbox.ManagementKey)));

    private static async Task<int> CountAsync(IAsyncEnumerable<ByokCredential> credentials)
    {
        var ids = new HashSet<string>();
        await foreach (var credential in credentials)
        {
            Assert.True(ids.Add(credential.Id));
        }

        return ids.Count;
    }
}
