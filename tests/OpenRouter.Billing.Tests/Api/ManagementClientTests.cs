using System.Diagnostics;
using System.Net;
using System.Reflection;
using System.Text.Json;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Tests.Api.Contract;

namespace OpenRouter.Billing.Tests.Api;

/// <summary>What holds for every call below keys, workspaces and guardrails, and what changes to a key mean.</summary>
public sealed class ManagementClientTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Operations => [.. WriteOperations.All.Keys];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task AnyCall_WithoutManagementKey_SaysSoAndSendsNothing(string operation)
    {
        var handler = new ScriptedHandler(_ => throw new InvalidOperationException("Something was sent."));
        foreach (var call in WriteOperations.All[operation])
        {
            var exception = await Assert.ThrowsAsync<CredentialMissingException>(() => call(BillingClientKit.Over(handler, options => options.ManagementKey = null)));
            Assert.Equal(nameof(OpenRouterBillingOptions.ManagementKey), exception.OptionName);
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task AnyCall_RefusedKey_TellsUnknownFromWrongKind(string operation)
    {
        foreach (var (status, words) in new[] { (HttpStatusCode.Unauthorized, "unknown, disabled or expired"), (HttpStatusCode.Forbidden, "another kind of key") })
        {
            var client = BillingClientKit.Over(new ScriptedHandler(_ => StubHandler.Json("""{"error":{"code":403,"message":"Only management keys can perform this operation"}}""", status)));
            var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => WriteOperations.All[operation][0](client));
            Assert.Equal(status, exception.StatusCode);
            Assert.Contains(words, exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(WriteOperations.Hash, exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("a/b", "/workspaces/a%2Fb")]
    [InlineData("../keys", "/workspaces/..%2Fkeys")]
    [InlineData("x?confirm=1#y", "/workspaces/x%3Fconfirm%3D1%23y")]
    [InlineData("ü %2e", "/workspaces/%C3%BC%20%252e")]
    public async Task AnyId_IsOneEscapedSegment(string id, string path)
    {
        var handler = new ScriptedHandler(_ => StubHandler.Json("""{"data":{"id":"1"}}"""));
        await BillingClientKit.Over(handler).Workspaces.GetAsync(id, Cancelled);
        Assert.Equal(path, handler.Requests.Single().Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(TestData.ApiKey)]
    public async Task AnyId_ThatNamesNothing_IsRefusedUnquoted(string id)
    {
        var client = BillingClientKit.Over(new ScriptedHandler(_ => throw new InvalidOperationException("Something was sent.")));
        var exception = await Assert.ThrowsAnyAsync<ArgumentException>(() => client.Guardrails.GetAsync(id, Cancelled));
        Assert.DoesNotContain("sk-or-", exception.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => client.Keys.GetAsync(id, Cancelled));
    }

    [Fact]
    public async Task UpdateAsync_LeftAndNull_AreToldApart()
    {
        var handler = new ScriptedHandler(_ => StubHandler.Json($$$"""{"data":{"hash":"{{{WriteOperations.Hash}}}"}}"""));
        var keys = BillingClientKit.Over(handler).Keys;
        await keys.UpdateAsync(WriteOperations.Hash, new KeyUpdate(), Cancelled);
        await keys.UpdateAsync(WriteOperations.Hash, new KeyUpdate { Limit = null, Reset = null }, Cancelled);
        await keys.UpdateAsync(WriteOperations.Hash, new KeyUpdate { Limit = 0.000000001m, Reset = ResetInterval.Daily }, Cancelled);
        await keys.UpdateAsync(WriteOperations.Hash, new KeyUpdate { Limit = default, IsDisabled = true }, Cancelled);
        Assert.Equal(
            ["{}", """{"limit":null,"limit_reset":null}""", """{"limit":0.000000001,"limit_reset":"daily"}""", """{"disabled":true}"""],
            handler.Requests.Select(request => request.Body));
    }

    [Fact]
    public async Task CreateAsync_ExpiryNotInUtc_NamesItAndTheCure()
    {
        var client = BillingClientKit.Over(new ScriptedHandler(_ => throw new InvalidOperationException("Something was sent.")));
        var draft = new KeyDraft { Name = "n", ExpiresAt = new DateTimeOffset(2027, 3, 1, 8, 30, 0, TimeSpan.FromHours(2)) };
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => client.Keys.CreateAsync(draft, Cancelled));
        Assert.Contains("2027-03-01T08:30:00+02:00", exception.Message, StringComparison.Ordinal);
        Assert.Contains("2027-03-01T06:30:00Z", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ToUniversalTime()", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateAsync_ExpiryAtAWholeMinute_IsSentWithSeconds()
    {
        var handler = new ScriptedHandler(_ => StubHandler.Json($$$"""{"data":{"hash":"{{{WriteOperations.Hash}}}"},"key":"sk-or-v1-x"}""", HttpStatusCode.Created));
        await BillingClientKit.Over(handler).Keys.CreateAsync(new KeyDraft { Name = "n", ExpiresAt = new DateTimeOffset(2027, 3, 1, 8, 30, 0, TimeSpan.Zero) }, Cancelled);
        Assert.Equal("""{"name":"n","expires_at":"2027-03-01T08:30:00Z"}""", handler.Requests.Single().Body);
    }

    [Fact]
    public void NewKey_ShowsItsSecretNowhere()
    {
        var key = new NewKey(new ApiKey { Hash = WriteOperations.Hash, Name = "n", Label = "sk-or-v1-abc...def", Usage = new KeyUsage(), ByokUsage = new KeyUsage() }, TestData.ApiKey);
        Assert.Equal(TestData.ApiKey, key.RevealSecret());
        Assert.DoesNotContain("sk-or-", key.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(TestData.ApiKey, JsonSerializer.Serialize(key), StringComparison.Ordinal);
        Assert.DoesNotContain("sk-or-", new KeyRotation { OldKeyHash = WriteOperations.Hash, NewKey = key }.ToString(), StringComparison.Ordinal);
        var shown = typeof(NewKey).GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
            .Where(field => field.GetCustomAttribute<DebuggerBrowsableAttribute>()?.State != DebuggerBrowsableState.Never && !field.Name.StartsWith('<'));
        Assert.Empty(shown);
        Assert.Equal("{ToString(),nq}", typeof(NewKey).GetCustomAttribute<DebuggerDisplayAttribute>()!.Value);
    }

    [Fact]
    public async Task CreateAsync_AnswerThatLacksAMember_ShowsNoSecret()
    {
        foreach (var body in new[] { """{"data":{"name":"n"},"key":"sk-or-v1-secret"}""", """{"key":"sk-or-v1-secret"}""", """{"data":{"hash":7},"key":"sk-or-v1-secret" """ })
        {
            var client = BillingClientKit.Over(new ScriptedHandler(_ => StubHandler.Json(body, HttpStatusCode.Created)));
            var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => client.Keys.CreateAsync(new KeyDraft { Name = "n" }, Cancelled));
            Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ListAsync_Scopes_AreTheDefaultWorkspaceOneOrAll()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var client = new OpenRouterBillingClient(new HttpClient(new SocketsHttpHandler()), TestData.Options(options => (options.BaseAddress, options.ManagementKey) = (sandbox.BaseAddress, sandbox.ManagementKey)));
        var other = Guid.Parse((await client.Workspaces.CreateAsync(new WorkspaceDraft { Name = "W", Slug = "w" }, Cancelled)).Id);
        var there = (await client.Keys.CreateAsync(new KeyDraft { Name = "there", WorkspaceId = other }, Cancelled)).Key;
        var off = (await client.Keys.CreateAsync(new KeyDraft { Name = "off", WorkspaceId = other }, Cancelled)).Key;
        await client.Keys.DisableAsync(off.Hash, Cancelled);
        var own = sandbox.Account.Keys[0].Hash;

        Assert.Equal([own], await HashesAsync(client, null));
        Assert.Equal([there.Hash], await HashesAsync(client, new KeyQuery { WorkspaceId = other }));
        Assert.Equal([own, there.Hash], await HashesAsync(client, new KeyQuery { AllWorkspaces = true }));
        Assert.Equal([own, off.Hash, there.Hash], await HashesAsync(client, new KeyQuery { AllWorkspaces = true, IncludesDisabled = true }));
        await Assert.ThrowsAsync<ArgumentException>(() => HashesAsync(client, new KeyQuery { AllWorkspaces = true, WorkspaceId = other }));
    }

    [Fact]
    public async Task CreateAsync_GuardrailLimitWithoutInterval_IsRefusedBeforeSending()
    {
        var client = BillingClientKit.Over(new ScriptedHandler(_ => throw new InvalidOperationException("Something was sent.")));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Guardrails.CreateAsync(new GuardrailDraft { Name = "g", Limit = 5m }, Cancelled));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Guardrails.CreateAsync(new GuardrailDraft { Name = "g", Reset = ResetInterval.Daily }, Cancelled));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Guardrails.CreateAsync(new GuardrailDraft { Name = "g", AllowedModels = [] }, Cancelled));
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("two--hyphens")]
    [InlineData("-first")]
    [InlineData("under_score")]
    [InlineData("")]
    public async Task CreateAsync_WorkspaceSlugOfAnotherForm_IsRefusedBeforeSending(string slug)
    {
        var client = BillingClientKit.Over(new ScriptedHandler(_ => throw new InvalidOperationException("Something was sent.")));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Workspaces.CreateAsync(new WorkspaceDraft { Name = "n", Slug = slug }, Cancelled));
    }

    private static async Task<List<string>> HashesAsync(OpenRouterBillingClient client, KeyQuery? query)
    {
        var hashes = new List<string>();
        await foreach (var key in client.Keys.ListAsync(query, Cancelled))
        {
            hashes.Add(key.Hash);
        }

        return hashes;
    }
}
