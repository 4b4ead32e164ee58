using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox.Tests;

/// <summary>Stored provider keys, members of an organization, single models and session costs over HTTP.</summary>
public sealed class ByokTests
{
    [Fact]
    public async Task Byok_Stored_IsNeverGivenBackAndKeepsWhatIsNotMentioned()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        Reply created = await ManageAsync(fixture, HttpMethod.Post, "byok", """{"provider":"openai","key":"sk-proj-0123456789abcdef","name":"Ours","allowed_models":["a/b"]}""");
        string path = "byok/" + (string)created.Data["id"]!;
        Assert.Equal((201, "sk-...cdef"), (created.Status, (string?)created.Data["label"]));
        foreach (Reply reply in new[] { created, await fixture.ManageAsync(path), await fixture.ManageAsync("byok") })
        {
            Assert.DoesNotContain("0123456789", reply.Body, StringComparison.Ordinal);
        }

        JsonNode changed = (await ManageAsync(fixture, HttpMethod.Patch, path, """{"name":null,"key":"another-secret-key"}""")).Data;
        Assert.Equal((null, "ano...-key", "a/b"), ((string?)changed["name"], (string?)changed["label"], (string?)changed["allowed_models"]![0]));
        Assert.True((bool)(await ManageAsync(fixture, HttpMethod.Delete, path, null)).Json["deleted"]!);
        Assert.Equal(404, (await fixture.ManageAsync(path)).Status);
    }

    [Theory]
    [InlineData("""{"provider":"openai"}""")]
    [InlineData("""{"key":"k"}""")]
    [InlineData("""{"provider":"openai","key":""}""")]
    [InlineData("""{"provider":"openai","key":"k","is_fallback":true,"is_byok_only":true}""")]
    [InlineData("""{"provider":"openai","key":"k","allowed_api_key_hashes":[]}""")]
    [InlineData("""{"provider":"openai","key":"k","allowed_api_key_hashes":["0000000000000000000000000000000000000000000000000000000000000000"]}""")]
    [InlineData("""{"provider":"openai","key":"k","workspace_id":"default"}""")]
    [InlineData("""{"provider":"openai","key":"k","workspace_id":"00000000-0000-0000-0000-000000000001"}""")]
    [InlineData("""{"provider":"openai","key":"k","disabled":"yes"}""")]
    public async Task Byok_CreateWithABadBody_Is400AndStoresNothing(string body)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        Assert.Equal(400, (await ManageAsync(fixture, HttpMethod.Post, "byok", body)).Status);
        Assert.Equal(0, (int)(await fixture.ManageAsync("byok")).Json["total_count"]!);
    }

    [Fact]
    public async Task Byok_ChangeThatIsRefused_ChangesNothing()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        string path = "byok/" + (string)(await ManageAsync(fixture, HttpMethod.Post, "byok", """{"provider":"openai","key":"k","is_byok_only":true}""")).Data["id"]!;
        string before = (await fixture.ManageAsync(path)).Body;
        Assert.Equal(400, (await ManageAsync(fixture, HttpMethod.Patch, path, """{"name":"new","disabled":true,"is_fallback":true}""")).Status);
        Assert.Equal(before, (await fixture.ManageAsync(path)).Body);
    }

    [Fact]
    public async Task Byok_DefaultWorkspaceDeleted_Is400UntilOneIsNamed()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        string other = (string)(await ManageAsync(fixture, HttpMethod.Post, "workspaces", """{"name":"W","slug":"w"}""")).Data["id"]!;
        Assert.Equal(200, (await ManageAsync(fixture, HttpMethod.Delete, "workspaces/default?confirm_default_workspace_deletion=true", null)).Status);
        Assert.Equal(400, (await fixture.ManageAsync("byok")).Status);
        Assert.Equal(400, (await ManageAsync(fixture, HttpMethod.Post, "byok", """{"provider":"openai","key":"k"}""")).Status);
        Assert.Equal(200, (await fixture.ManageAsync("byok?workspace_id=" + other)).Status);
    }

    [Fact]
    public async Task OrganizationMembers_OfAPersonalAccount_Are404AndOfAnOrganizationListed()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        Assert.Equal(404, (await fixture.ManageAsync("organization/members")).Status);
        SandboxKey key = fixture.Sandbox.CreateAccount(organizationId: "org_1", userId: "user_1").CreateKey(new SandboxKeyOptions { IsManagementKey = true });
        Reply members = await fixture.SendAsync(HttpMethod.Get, "organization/members", key.Secret, null);
        Assert.Equal(("user_1", "org:admin", 1), ((string?)members.Json["data"]![0]!["id"], (string?)members.Json["data"]![0]!["role"], (int)members.Json["total_count"]!));
    }

    [Fact]
    public async Task Models_CountUserAndOne_AgreeWithTheList()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        int all = (int)(await fixture.SendAsync(HttpMethod.Get, "models", null, null)).Json["total_count"]!;
        Assert.Equal(all, (int)(await fixture.SendAsync(HttpMethod.Get, "models/count", null, null)).Data["count"]!);
        Assert.Equal(0, (int)(await fixture.SendAsync(HttpMethod.Get, "models/count?output_modalities=image", null, null)).Data["count"]!);
        Assert.Equal(401, (await fixture.SendAsync(HttpMethod.Get, "models/user", null, null)).Status);
        Reply page = await fixture.SendAsync(HttpMethod.Get, "models/user?limit=2", fixture.Sandbox.ApiKey, null);
        Assert.Equal("/api/v1/models/user?offset=2&limit=2", (string?)page.Json["links"]!["next"]);
        Assert.Equal(SandboxFixture.Paid, (string?)(await fixture.SendAsync(HttpMethod.Get, $"model/{SandboxFixture.Paid}:floor", null, null)).Data["id"]);
        Assert.Equal(404, (await fixture.SendAsync(HttpMethod.Get, "model/no/such", null, null)).Status);
    }

    [Fact]
    public async Task SessionCost_AskedTooOften_Is429ForThatKeyUntilTheMinuteIsOver()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        for (int i = 0; i < 30; i++)
        {
            Assert.Equal(200, (await fixture.SendAsync(HttpMethod.Get, "datasets/session-cost?limit=3", fixture.Sandbox.ApiKey, null)).Status);
        }

        Assert.Equal(429, (await fixture.SendAsync(HttpMethod.Get, "datasets/session-cost", fixture.Sandbox.ApiKey, null)).Status);
        Assert.Equal(200, (await fixture.ManageAsync("datasets/session-cost?turn_range=1-turn")).Status);
        Assert.Equal(401, (await fixture.SendAsync(HttpMethod.Get, "datasets/session-cost", null, null)).Status);
        fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await fixture.SendAsync(HttpMethod.Get, "datasets/session-cost", fixture.Sandbox.ApiKey, null)).Status);
        foreach (string bad in new[] { "limit=0", "limit=501", "offset=5001", "turn_range=2-turns" })
        {
            Assert.Equal(400, (await fixture.SendAsync(HttpMethod.Get, "datasets/session-cost?" + bad, fixture.Sandbox.ApiKey, null)).Status);
        }
    }

    [Fact]
    public async Task SessionCost_OfOneAppAndLength_IsPagedWithoutRepetition()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        Reply whole = await fixture.ManageAsync("datasets/session-cost?app_slug=sandbox-editor&turn_range=1-turn&limit=500");
        JsonArray rows = whole.Json["data"]!.AsArray();
        Reply second = await fixture.ManageAsync("datasets/session-cost?app_slug=sandbox-editor&turn_range=1-turn&offset=1&limit=1");
        Assert.Equal(rows[1]!.ToJsonString(), second.Json["data"]!.AsArray().Single()!.ToJsonString());
        Assert.Equal(rows.Count, rows.Select(row => (string?)row!["model_permaslug"]).Distinct().Count());
        // The fixture's clock stands on a Wednesday.
        Assert.Equal("2026-10-11", (string?)whole.Json["meta"]!["window_end_date"]);
    }

    private static Task<Reply> ManageAsync(SandboxFixture fixture, HttpMethod method, string path, string? body) => fixture.SendAsync(method, path, fixture.Sandbox.ManagementKey, body);
}
