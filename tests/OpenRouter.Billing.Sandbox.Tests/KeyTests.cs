using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox.Tests;

public sealed class KeyTests
{
    [Theory]
    [InlineData("key")]
    [InlineData("auth/key")]
    public async Task Get_PlainKey_HasEveryMember(string path)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.GetAsync(path);

        string[] members = [.. reply.Data.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal)];
        Assert.Equal(
            [
                "allowed_data_regions", "budgets", "byok_usage", "byok_usage_daily", "byok_usage_monthly", "byok_usage_weekly",
                "creator_user_id", "effective_budget", "expires_at", "free_model_daily_requests", "include_byok_in_limit",
                "is_free_tier", "is_management_key", "is_provisioning_key", "label", "limit", "limit_remaining", "limit_reset",
                "organization_id", "rate_limit", "usage", "usage_daily", "usage_monthly", "usage_weekly", "workspace_id",
            ],
            members);
        // The client sorts the directives: "private, no-store" on the wire.
        Assert.Equal("no-store, private", reply.Headers["Cache-Control"]);
        Assert.True(Reply.IsNull(reply.Data, "limit"));
        Assert.True(Reply.IsNull(reply.Data, "limit_remaining"));
        Assert.True(Reply.IsNull(reply.Data, "effective_budget"));
        Assert.Empty(reply.Data["budgets"]!.AsArray());
        Assert.Equal(-1, (int)reply.Data["rate_limit"]!["requests"]!);
        Assert.Equal("10s", (string?)reply.Data["rate_limit"]!["interval"]);
    }

    [Fact]
    public async Task Get_ManagementKey_SaysSoTwice()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.ManageAsync("key");

        Assert.True((bool)reply.Data["is_management_key"]!);
        Assert.True((bool)reply.Data["is_provisioning_key"]!);
    }

    [Fact]
    public async Task Get_OlderServer_HasNoBudgetMembers()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.ShowBudgets = false);

        Reply reply = await fixture.GetAsync("key");

        Assert.False(reply.Data.AsObject().ContainsKey("budgets"));
        Assert.False(reply.Data.AsObject().ContainsKey("effective_budget"));
    }

    [Fact]
    public async Task Get_CappedKey_ShowsWhatIsLeft()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey key = fixture.Account.CreateKey(new SandboxKeyOptions { Name = "nightly", Limit = 1m, LimitReset = "daily" });
        fixture.Account.Charge(0.25m, key);

        JsonNode data = (await fixture.GetAsync("key", key.Secret)).Data;

        Assert.Equal("nightly", (string?)data["label"]);
        Assert.Equal("daily", (string?)data["limit_reset"]);
        Assert.Equal(0.75m, Reply.Money(data["limit_remaining"]));
        Assert.Equal(0.75m, key.Remaining);
        Assert.Equal("key_limit", (string?)data["effective_budget"]!["scope"]);
    }

    [Fact]
    public async Task Get_AcrossWindows_RollsUsageOver()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey key = fixture.Account.CreateKey();
        fixture.Account.Charge(0.4m, key);
        fixture.Account.Charge(0.6m, key);
        Assert.Equal((1m, 1m, 1m, 1m), Usage((await fixture.GetAsync("key", key.Secret)).Data));

        // From Wednesday 14 October: midnight, then Monday 19, then 1 November.
        fixture.Clock.MoveTo(new DateTimeOffset(2026, 10, 15, 0, 0, 0, TimeSpan.Zero));
        JsonNode nextDay = (await fixture.GetAsync("key", key.Secret)).Data;
        fixture.Clock.MoveTo(new DateTimeOffset(2026, 10, 19, 0, 0, 0, TimeSpan.Zero));
        JsonNode nextWeek = (await fixture.GetAsync("key", key.Secret)).Data;
        fixture.Clock.MoveTo(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
        JsonNode nextMonth = (await fixture.GetAsync("key", key.Secret)).Data;

        Assert.Equal((1m, 0m, 1m, 1m), Usage(nextDay));
        Assert.Equal((1m, 0m, 0m, 1m), Usage(nextWeek));
        Assert.Equal((1m, 0m, 0m, 0m), Usage(nextMonth));
    }

    [Fact]
    public async Task Get_WithBudgets_ListsThemInCheckingOrder()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey key = fixture.Account.CreateKey(new SandboxKeyOptions
        {
            Limit = 9m,
            Budgets = { new SandboxBudget { Scope = "api_key", Limit = 8m, ResetInterval = "weekly" } },
        });
        fixture.Account.AddBudget(new SandboxBudget { Scope = "workspace", Limit = 3m, ResetInterval = "daily" });
        fixture.Account.AddBudget(new SandboxBudget { Scope = "workspace", Limit = 7m });
        fixture.Account.AddBudget(new SandboxBudget { Scope = "member", Limit = 6m, ResetInterval = "monthly" });
        fixture.Account.Charge(1m, key);

        JsonNode data = (await fixture.GetAsync("key", key.Secret)).Data;

        JsonArray budgets = data["budgets"]!.AsArray();
        Assert.Equal(
            [("member", "monthly"), ("api_key", "weekly"), ("workspace", null), ("workspace", "daily"), ("key_limit", null)],
            budgets.Select(budget => ((string)budget!["scope"]!, (string?)budget["reset_interval"])));
        Assert.Equal(("workspace", 2m), ((string)data["effective_budget"]!["scope"]!, Reply.Money(data["effective_budget"]!["remaining_usd"])));
        Assert.Equal("2026-11-01T00:00:00.000Z", (string?)budgets[0]!["resets_at"]);
        Assert.Equal("2026-10-19T00:00:00.000Z", (string?)budgets[1]!["resets_at"]);
        Assert.True(Reply.IsNull(budgets[2]!, "resets_at"));
        Assert.NotNull(budgets[0]!["guardrail_id"]);
        Assert.NotNull(budgets[2]!["budget_id"]);
        Assert.All(budgets, budget => Assert.Equal(1m, Reply.Money(budget!["spend_usd"])));
    }

    [Fact]
    public async Task CreateKey_WithUnknownResetInterval_Throws()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Assert.Throws<ArgumentException>(() => fixture.Account.CreateKey(new SandboxKeyOptions { LimitReset = "hourly" }));
        Assert.Throws<ArgumentException>(() => fixture.Account.AddBudget(new SandboxBudget { Scope = "galaxy", Limit = 1m }));
        Assert.Throws<ArgumentException>(() => fixture.Account.CreateKey(new SandboxKeyOptions { Secret = fixture.Sandbox.ApiKey }));
    }

    [Fact]
    public async Task CreateKey_WithoutSecret_HasTheRealShape()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        SandboxKey key = fixture.Account.CreateKey();

        Assert.Matches("^sk-or-v1-[0-9a-f]{64}$", key.Secret);
        Assert.Matches("^[0-9a-f]{64}$", key.Hash);
        Assert.DoesNotContain(key.Secret[13..^3], key.Label, StringComparison.Ordinal);
    }

    private static (decimal Total, decimal Day, decimal Week, decimal Month) Usage(JsonNode data) =>
        (Reply.Money(data["usage"]), Reply.Money(data["usage_daily"]), Reply.Money(data["usage_weekly"]), Reply.Money(data["usage_monthly"]));
}
