using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox.Tests;

/// <summary>Keys, workspaces and guardrails over HTTP, and what they do to requests.</summary>
public sealed class ManagementTests
{
    [Theory]
    [InlineData(401, "GET", "keys")]
    [InlineData(403, "POST", "keys")]
    [InlineData(401, "GET", "keys/x")]
    [InlineData(401, "PATCH", "keys/x")]
    [InlineData(401, "DELETE", "keys/x")]
    [InlineData(401, "GET", "workspaces")]
    [InlineData(403, "POST", "workspaces")]
    [InlineData(401, "GET", "workspaces/default")]
    [InlineData(403, "PATCH", "workspaces/default")]
    [InlineData(403, "DELETE", "workspaces/default")]
    [InlineData(401, "GET", "workspaces/default/budgets")]
    [InlineData(401, "PUT", "workspaces/default/budgets/daily")]
    [InlineData(401, "DELETE", "workspaces/default/budgets/daily")]
    [InlineData(403, "GET", "workspaces/default/members")]
    [InlineData(403, "POST", "workspaces/default/members/add")]
    [InlineData(401, "GET", "guardrails")]
    [InlineData(403, "POST", "guardrails")]
    [InlineData(401, "GET", "guardrails/x")]
    [InlineData(403, "PATCH", "guardrails/x")]
    [InlineData(401, "DELETE", "guardrails/x")]
    [InlineData(401, "GET", "guardrails/assignments/keys")]
    [InlineData(401, "GET", "guardrails/x/assignments/members")]
    [InlineData(403, "POST", "guardrails/x/assignments/keys")]
    [InlineData(401, "POST", "guardrails/x/assignments/members")]
    [InlineData(401, "GET", "byok")]
    [InlineData(403, "POST", "byok")]
    [InlineData(401, "GET", "byok/x")]
    [InlineData(403, "PATCH", "byok/x")]
    [InlineData(401, "DELETE", "byok/x")]
    [InlineData(401, "GET", "organization/members")]
    public async Task AnyCall_WrongKey_Gets401WhenUnknownAndWhatIsDeclaredWhenOfTheWrongKind(int status, string method, string path)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        Assert.Equal(401, (await fixture.SendAsync(new HttpMethod(method), path, null, null)).Status);
        Assert.Equal(401, (await fixture.SendAsync(new HttpMethod(method), path, "sk-or-v1-unknown", null)).Status);
        Reply wrong = await fixture.SendAsync(new HttpMethod(method), path, fixture.Sandbox.ApiKey, null);
        Assert.Equal((status, "Only management keys can perform this operation"), (wrong.Status, wrong.Message));
    }

    [Fact]
    public async Task Keys_CreatedDisabledEnabledDeleted_WorkOrDoNot()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        Reply created = await ManageAsync(fixture, HttpMethod.Post, "keys", """{"name":"CI","limit":1,"limit_reset":"daily"}""");
        string secret = (string)created.Json["key"]!;
        string path = "keys/" + (string)created.Data["hash"]!;

        Assert.Equal(201, created.Status);
        Assert.Equal(SandboxKey.HashOf(secret), (string?)created.Data["hash"]);
        Assert.DoesNotContain(secret, (await fixture.ManageAsync(path)).Body, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, (await fixture.ManageAsync("keys")).Body, StringComparison.Ordinal);
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat(), secret)).Status);
        Assert.Equal(200, (await ManageAsync(fixture, HttpMethod.Patch, path, """{"disabled":true}""")).Status);
        Assert.Equal(401, (await fixture.PostAsync(SandboxFixture.Chat(), secret)).Status);
        Assert.Equal(200, (await ManageAsync(fixture, HttpMethod.Patch, path, """{"disabled":false}""")).Status);
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat(), secret)).Status);
        Assert.True((bool)(await ManageAsync(fixture, HttpMethod.Delete, path, null)).Json["deleted"]!);
        Assert.Equal(401, (await fixture.PostAsync(SandboxFixture.Chat(), secret)).Status);
        Assert.Equal(404, (await fixture.ManageAsync(path)).Status);
    }

    [Fact]
    public async Task Keys_LimitSetOrTakenAway_BindsOrDoesNot()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey key = fixture.Account.CreateKey(new SandboxKeyOptions { Limit = 5m, LimitReset = "daily" });
        Assert.Equal(200, (await ManageAsync(fixture, HttpMethod.Patch, "keys/" + key.Hash, """{"limit":0.000001}""")).Status);
        Assert.Equal(("daily", 402), (key.LimitReset, (await fixture.PostAsync(SandboxFixture.Chat(), key.Secret)).Status));
        Assert.Equal(200, (await ManageAsync(fixture, HttpMethod.Patch, "keys/" + key.Hash, """{"limit":null,"limit_reset":null}""")).Status);
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat(), key.Secret)).Status);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"name":""}""")]
    [InlineData("""{"name":"n","limit":"5"}""")]
    [InlineData("""{"name":"n","limit":-1}""")]
    [InlineData("""{"name":"n","limit_reset":"hourly"}""")]
    [InlineData("""{"name":"n","expires_at":"2026-12-01T00:00Z"}""")]
    [InlineData("""{"name":"n","expires_at":"2026-12-01T00:00:00+02:00"}""")]
    [InlineData("""{"name":"n","workspace_id":"default"}""")]
    [InlineData("""{"name":"n","workspace_id":"00000000-0000-0000-0000-000000000001"}""")]
    [InlineData("""{"name":"n","name":"m"}""")]
    [InlineData("""{"name":"half a pair: \ud800"}""")]
    [InlineData("""{"name":"n","half a pair: \ud800":1}""")]
    [InlineData("""{"name":"n","external":"user-1"}""")]
    [InlineData("""{"name":"n","external":{"user":1}}""")]
    [InlineData("""[]""")]
    [InlineData("""no json""")]
    public async Task Keys_CreateWithABadBody_Is400AndMakesNone(string body)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        int before = fixture.Account.Keys.Count;
        Assert.Equal(400, (await ManageAsync(fixture, HttpMethod.Post, "keys", body)).Status);
        Assert.Equal(before, fixture.Account.Keys.Count);
    }

    [Fact]
    public async Task Keys_List_IsPagedByHundredNewestFirstInOneWorkspace()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        string other = (string)(await ManageAsync(fixture, HttpMethod.Post, "workspaces", """{"name":"W","slug":"w"}""")).Data["id"]!;
        SandboxKey last = fixture.Account.CreateKey();
        for (int i = 0; i < 130; i++)
        {
            last = fixture.Account.CreateKey(new SandboxKeyOptions { Name = $"k{i}" });
        }

        SandboxKey off = fixture.Account.CreateKey(new SandboxKeyOptions { WorkspaceId = other });
        off.Disabled = true;
        fixture.Account.CreateKey(new SandboxKeyOptions { WorkspaceId = other, ExpiresAt = SandboxFixture.Start });

        JsonArray first = (await fixture.ManageAsync("keys")).Data.AsArray();
        Assert.Equal((100, last.Hash), (first.Count, (string?)first[0]!["hash"]));
        // With the account's first key.
        Assert.Equal(32, (await fixture.ManageAsync("keys?offset=100")).Data.AsArray().Count);
        Assert.Empty((await fixture.ManageAsync("keys?workspace_id=" + other)).Data.AsArray());
        Assert.Equal(off.Hash, (string?)Assert.Single((await fixture.ManageAsync($"keys?include_disabled=true&workspace_id={other}")).Data.AsArray())!["hash"]);
        Assert.Single((await fixture.ManageAsync($"keys?include_expired=true&workspace_id={other}")).Data.AsArray());
        Assert.Equal(400, (await fixture.ManageAsync("keys?include_disabled=1")).Status);
    }

    [Fact]
    public async Task Workspaces_BySlugOrId_AreTheSame()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        Reply created = await ManageAsync(fixture, HttpMethod.Post, "workspaces", """{"name":"W","slug":"w-1","description":"d"}""");
        Assert.Equal(201, created.Status);
        string id = (string)created.Data["id"]!;
        Assert.Equal((await fixture.ManageAsync("workspaces/" + id)).Body, (await fixture.ManageAsync("workspaces/w-1")).Body);
        Assert.Equal(400, (await ManageAsync(fixture, HttpMethod.Post, "workspaces", """{"name":"W","slug":"w-1"}""")).Status);
        Assert.Equal(400, (await ManageAsync(fixture, HttpMethod.Post, "workspaces", """{"name":"W","slug":"W"}""")).Status);
        Reply changed = await ManageAsync(fixture, HttpMethod.Patch, "workspaces/w-1", """{"slug":"w-2","description":null}""");
        Assert.Equal(("w-2", "W"), ((string?)changed.Data["slug"], (string?)changed.Data["name"]));
        Assert.True(Reply.IsNull(changed.Data, "description"));
        Assert.Equal(2, (int)(await fixture.ManageAsync("workspaces")).Json["total_count"]!);
        Assert.Equal((404, "Workspace not found"), await StatusAndMessageAsync(fixture, "workspaces/w-1"));
    }

    [Fact]
    public async Task Workspaces_Delete_NeedsNoActiveKeysOrTheConfirmation()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        string id = (string)(await ManageAsync(fixture, HttpMethod.Post, "workspaces", """{"name":"W","slug":"w"}""")).Data["id"]!;
        SandboxKey key = fixture.Account.CreateKey(new SandboxKeyOptions { WorkspaceId = id });
        Assert.Equal(400, (await ManageAsync(fixture, HttpMethod.Delete, "workspaces/w", null)).Status);
        key.Disabled = true;
        Assert.Equal(200, (await ManageAsync(fixture, HttpMethod.Delete, "workspaces/w", null)).Status);
        Assert.Equal(400, (await ManageAsync(fixture, HttpMethod.Delete, "workspaces/default", null)).Status);
        Assert.Equal(200, (await ManageAsync(fixture, HttpMethod.Delete, "workspaces/default?confirm_default_workspace_deletion=true", null)).Status);
        Assert.Equal(401, (await fixture.PostAsync(SandboxFixture.Chat())).Status);
        Assert.Equal(400, (await ManageAsync(fixture, HttpMethod.Post, "guardrails", """{"name":"g"}""")).Status);
    }

    [Fact]
    public async Task Budgets_KeepTheOrderAndNameTheOffendingPair()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        Assert.Equal((404, "Workspace not found"), await StatusAndMessageAsync(fixture, "workspaces/default/budgets"));
        Assert.Equal(200, (await SetAsync(fixture, "weekly", "600")).Status);
        Reply broken = await SetAsync(fixture, "monthly", "500");
        Assert.Equal(
            (400, "Budget limits must be strictly decreasing as scope narrows: the monthly limit ($500) must be greater than the weekly limit ($600)."),
            (broken.Status, broken.Message));
        Assert.Equal(400, (await SetAsync(fixture, "monthly", "600")).Status);
        Assert.Equal(200, (await SetAsync(fixture, "lifetime", "601")).Status);
        Assert.Equal(400, (await SetAsync(fixture, "hourly", "1")).Status);
        Assert.Equal(400, (await SetAsync(fixture, "daily", "0")).Status);
        JsonArray all = (await fixture.ManageAsync("workspaces/default/budgets")).Data.AsArray();
        Assert.Equal(["weekly", null], all.Select(each => (string?)each!["reset_interval"]));
    }

    [Fact]
    public async Task Budgets_SetChangedDeleted_BindEveryKeyOfTheWorkspace()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey second = fixture.Account.CreateKey();
        fixture.Account.Charge(2m, second);
        string id = (string)(await SetAsync(fixture, "daily", "1")).Data["id"]!;
        Reply refused = await fixture.PostAsync(SandboxFixture.Chat());
        Assert.Equal((403, "openrouter_workspace_budget"), (refused.Status, refused.LimitSource));
        Assert.Equal(id, (string?)(await fixture.GetAsync("key")).Data["effective_budget"]!["budget_id"]);
        Assert.Equal(id, (string?)(await SetAsync(fixture, "daily", "3")).Data["id"]);
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat())).Status);
        await SetAsync(fixture, "daily", "1");
        Assert.Equal(403, (await fixture.PostAsync(SandboxFixture.Chat())).Status);
        Assert.Equal(200, (await ManageAsync(fixture, HttpMethod.Delete, "workspaces/default/budgets/daily", null)).Status);
        Assert.Equal(200, (await ManageAsync(fixture, HttpMethod.Delete, "workspaces/default/budgets/daily", null)).Status);
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat())).Status);
    }

    [Fact]
    public async Task Members_AddedAndRemoved_UnlessTheyHaveActiveKeys()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        string id = (string)(await ManageAsync(fixture, HttpMethod.Post, "workspaces", """{"name":"W","slug":"w"}""")).Data["id"]!;
        Assert.Equal(2, (int)(await ManageAsync(fixture, HttpMethod.Post, "workspaces/w/members/add", """{"user_ids":["a","b","a"]}""")).Json["added_count"]!);
        fixture.Account.CreateKey(new SandboxKeyOptions { WorkspaceId = id, CreatorUserId = "a" });
        Assert.Equal(400, (await ManageAsync(fixture, HttpMethod.Post, "workspaces/w/members/remove", """{"user_ids":["a"]}""")).Status);
        Assert.Equal(1, (int)(await ManageAsync(fixture, HttpMethod.Post, "workspaces/w/members/remove", """{"user_ids":["b","c"]}""")).Json["removed_count"]!);
        Assert.Equal("a", (string?)Assert.Single((await fixture.ManageAsync("workspaces/w/members")).Data.AsArray())!["user_id"]);
        Assert.Equal(400, (await ManageAsync(fixture, HttpMethod.Post, "workspaces/w/members/add", """{"user_ids":[]}""")).Status);
    }

    [Fact]
    public async Task Guardrails_BindOnlyOnceAssigned()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey key = fixture.Account.CreateKey(new SandboxKeyOptions { CreatorUserId = "a" });
        fixture.Account.Charge(2m, key);
        string path = "guardrails/" + (string)(await ManageAsync(fixture, HttpMethod.Post, "guardrails", """{"name":"g","limit_usd":1,"reset_interval":"daily"}""")).Data["id"]!;
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat(), key.Secret)).Status);
        Assert.Equal(1, (int)(await ManageAsync(fixture, HttpMethod.Post, path + "/assignments/keys", $$"""{"key_hashes":["{{key.Hash}}"]}""")).Json["assigned_count"]!);
        Reply refused = await fixture.PostAsync(SandboxFixture.Chat(), key.Secret);
        Assert.Equal((403, "api_key"), (refused.Status, (string?)refused.Metadata!["scope"]));
        Assert.Equal(1, (int)(await ManageAsync(fixture, HttpMethod.Post, path + "/assignments/keys/remove", $$"""{"key_hashes":["{{key.Hash}}"]}""")).Json["unassigned_count"]!);
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat(), key.Secret)).Status);
        await ManageAsync(fixture, HttpMethod.Post, path + "/assignments/members", """{"member_user_ids":["a"]}""");
        Assert.Equal("member", (string?)(await fixture.PostAsync(SandboxFixture.Chat(), key.Secret)).Metadata!["scope"]);
        Assert.Equal(200, (await ManageAsync(fixture, HttpMethod.Patch, path, """{"limit_usd":null,"reset_interval":null}""")).Status);
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat(), key.Secret)).Status);
    }

    [Fact]
    public async Task Guardrails_DefaultOfAWorkspace_ComesIntoBeingWithItsFirstChangeAndBindsAll()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        string path = "guardrails/" + (string)(await fixture.ManageAsync("workspaces/default")).Data["default_guardrail_id"]!;
        Assert.Equal(404, (await fixture.ManageAsync(path)).Status);
        fixture.Account.Charge(2m, fixture.Account.Keys[0]);
        Assert.Equal(200, (await ManageAsync(fixture, HttpMethod.Patch, path, """{"limit_usd":1,"reset_interval":"monthly"}""")).Status);
        Assert.Equal("workspace_default_member", (string?)(await fixture.PostAsync(SandboxFixture.Chat())).Metadata!["scope"]);
        Assert.Equal(400, (await ManageAsync(fixture, HttpMethod.Patch, path, """{"name":"mine"}""")).Status);
        Assert.Equal(200, (await ManageAsync(fixture, HttpMethod.Delete, path, null)).Status);
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat())).Status);
    }

    [Theory]
    [InlineData("""{"name":"g","limit_usd":1}""")]
    [InlineData("""{"name":"g","reset_interval":"daily"}""")]
    [InlineData("""{"name":"g","allowed_models":[]}""")]
    [InlineData("""{"limit_usd":1,"reset_interval":"daily"}""")]
    public async Task Guardrails_CreateWithABadBody_Is400(string body)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        Assert.Equal(400, (await ManageAsync(fixture, HttpMethod.Post, "guardrails", body)).Status);
    }

    [Fact]
    public async Task Guardrails_KeyAssignedToAnother_LeavesTheFirst()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        string hash = fixture.Account.Keys[0].Hash;
        foreach (string name in (string[])["one", "two"])
        {
            string id = (string)(await ManageAsync(fixture, HttpMethod.Post, "guardrails", $$"""{"name":"{{name}}"}""")).Data["id"]!;
            await ManageAsync(fixture, HttpMethod.Post, $"guardrails/{id}/assignments/keys", $$"""{"key_hashes":["{{hash}}"]}""");
            Assert.Equal(id, (string?)Assert.Single((await fixture.ManageAsync("guardrails/assignments/keys")).Data.AsArray())!["guardrail_id"]);
        }

        Assert.Equal(404, (await fixture.ManageAsync("guardrails/assignments/nothing")).Status);
    }

    [Fact]
    public async Task Faults_BilledOnAWrite_StrikeAfterTheWork()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        int before = fixture.Account.Keys.Count;
        fixture.Sandbox.Faults.Add("POST /keys", SandboxFault.Answer(502, "{}"), times: 1);
        Assert.Equal(502, (await ManageAsync(fixture, HttpMethod.Post, "keys", """{"name":"n"}""")).Status);
        Assert.Equal(before, fixture.Account.Keys.Count);
        fixture.Sandbox.Faults.Add("POST /keys", SandboxFault.Answer(502, "{}", billed: true), times: 1);
        Assert.Equal(502, (await ManageAsync(fixture, HttpMethod.Post, "keys", """{"name":"n"}""")).Status);
        Assert.Equal(before + 1, fixture.Account.Keys.Count);
    }

    private static Task<Reply> ManageAsync(SandboxFixture fixture, HttpMethod method, string path, string? body) =>
        fixture.SendAsync(method, path, fixture.Sandbox.ManagementKey, body);

    private static Task<Reply> SetAsync(SandboxFixture fixture, string interval, string usd) =>
        ManageAsync(fixture, HttpMethod.Put, "workspaces/default/budgets/" + interval, $$"""{"limit_usd":{{usd}}}""");

    private static async Task<(int Status, string Message)> StatusAndMessageAsync(SandboxFixture fixture, string path)
    {
        Reply reply = await fixture.ManageAsync(path);
        return (reply.Status, reply.Message);
    }
}
