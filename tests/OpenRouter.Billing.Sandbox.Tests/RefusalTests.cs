using System.Globalization;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox.Tests;

public sealed class RefusalTests
{
    private const string Reset = "Wait for the daily reset (see X-RateLimit-Reset)";

    [Theory]
    [InlineData(SandboxFixture.Paid)]
    [InlineData(SandboxFixture.Free)]
    public async Task Chat_NegativeBalance_Is402EvenForFreeModels(string model)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Account.Charge(10.01m);

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(model));

        Assert.Equal((402, "Insufficient credits. Add more using https://openrouter.ai/settings/credits"), (reply.Status, reply.Message));
        Assert.Equal("openrouter_credits", reply.LimitSource);
        Assert.Equal(fixture.Account.UserId, (string?)reply.Json["user_id"]);
        Assert.StartsWith("gen-", reply.Headers["X-Generation-Id"], StringComparison.Ordinal);
        Assert.Equal(10.01m, fixture.Account.TotalUsage);
        Assert.Empty(fixture.Account.Generations);
    }

    [Theory]
    [InlineData(SandboxFixture.Paid, 402)]
    [InlineData(SandboxFixture.Free, 200)]
    public async Task Chat_BalanceOfExactlyZero_RefusesPaidModelsOnly(string model, int status)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Account.Charge(10m);

        Assert.Equal(status, (await fixture.PostAsync(SandboxFixture.Chat(model))).Status);
    }

    [Fact]
    public async Task Chat_NeverFundedAccount_Is402WithItsOwnText()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.InitialCredits = 0);

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat());

        Assert.Equal(402, reply.Status);
        Assert.StartsWith("Insufficient credits. This account never purchased credits. ", reply.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(130, 200)]
    [InlineData(131, 402)]
    public async Task Chat_MaximumCost_IsComparedWithBalance(int maxTokens, int status)
    {
        // 0.0000789 covers 6 x 0.00000015 and exactly 130 x 0.0000006.
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.InitialCredits = 0.0000789m);

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(maxTokens: maxTokens));

        Assert.Equal(status, reply.Status);
    }

    [Fact]
    public async Task Chat_TooDearForBalance_SaysWhatIsAffordable()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.InitialCredits = 0.0000789m);

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(maxTokens: null));

        Assert.Equal(
            "This request requires more credits, or fewer max_tokens. You requested up to 16384 tokens, but can only afford 130. To increase, visit https://openrouter.ai/settings/credits and add more credits",
            reply.Message);
        Assert.Equal("openrouter_credits", reply.LimitSource);
        Assert.True(Reply.IsNull(reply.Metadata!, "provider_name"));
    }

    [Fact]
    public async Task Chat_TooDearForKey_NamesTheKey()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey key = fixture.Account.CreateKey(new SandboxKeyOptions { Limit = 0.0000789m });

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(maxTokens: 131), key.Secret);

        Assert.Equal(402, reply.Status);
        Assert.EndsWith(
            $"You requested up to 131 tokens, but can only afford 130. To increase, visit https://openrouter.ai/workspaces/default/keys/{key.Hash} and adjust the key's total limit",
            reply.Message,
            StringComparison.Ordinal);
        Assert.Equal("openrouter_key_limit", reply.LimitSource);
    }

    [Fact]
    public async Task Chat_PromptAloneTooDear_SaysSo()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.InitialCredits = 0.0000003m);

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat());

        Assert.Equal(402, reply.Status);
        Assert.StartsWith("Prompt tokens limit exceeded: 6 > 2. To increase, visit https://openrouter.ai/settings/credits", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_PromptAloneTooDearForKey_NamesTheKey()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey key = fixture.Account.CreateKey(new SandboxKeyOptions { Limit = 0.0000003m, LimitReset = "monthly" });

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(), key.Secret);

        Assert.EndsWith("create a key with a higher monthly limit", reply.Message, StringComparison.Ordinal);
        Assert.Equal("openrouter_key_limit", reply.LimitSource);
    }

    [Theory]
    [InlineData("daily", "daily", "2026-10-15T00:00:00.000Z")]
    [InlineData("weekly", "weekly", "2026-10-19T00:00:00.000Z")]
    [InlineData("monthly", "monthly", "2026-11-01T00:00:00.000Z")]
    [InlineData(null, "total", null)]
    public async Task Chat_KeyCapSpent_Is403UntilItResets(string? interval, string word, string? resetsAt)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey key = fixture.Account.CreateKey(new SandboxKeyOptions { Limit = 1m, LimitReset = interval });
        fixture.Account.Charge(1.25m, key);

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(), key.Secret);

        Assert.Equal(403, reply.Status);
        Assert.Equal($"Key limit exceeded ({word} limit). Manage it using https://openrouter.ai/workspaces/default/keys/{key.Hash}", reply.Message);
        AssertBudget(reply, "openrouter_key_limit", "key_limit", (1m, 1.25m, resetsAt));
        await AssertOpensAsync(fixture, key, resetsAt);
    }

    [Theory]
    [InlineData("workspace_default_member")]
    [InlineData("workspace_default_key")]
    [InlineData("member")]
    [InlineData("api_key")]
    public async Task Chat_GuardrailBudgetSpent_Is403UntilItResets(string scope)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey key = fixture.Account.CreateKey(new SandboxKeyOptions { Budgets = { new SandboxBudget { Scope = scope, Limit = 2m, ResetInterval = "weekly" } } });
        fixture.Account.Charge(2m, key);

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(), key.Secret);

        Assert.Equal((403, "Budget limit exceeded (weekly limit). Contact your org admin."), (reply.Status, reply.Message));
        AssertBudget(reply, "openrouter_guardrail_budget", scope, (2m, 2m, "2026-10-19T00:00:00.000Z"));
        await AssertOpensAsync(fixture, key, "2026-10-19T00:00:00.000Z");
    }

    [Fact]
    public async Task Chat_MemberBudgetSpentByAnotherKey_RefusesAllKeysOfTheMember()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey spender = fixture.Account.CreateKey(new SandboxKeyOptions { CreatorUserId = "user_ann" });
        SandboxKey sibling = fixture.Account.CreateKey(new SandboxKeyOptions { CreatorUserId = "user_ann" });
        SandboxKey stranger = fixture.Account.CreateKey(new SandboxKeyOptions { CreatorUserId = "user_bob" });
        fixture.Account.AddBudget(new SandboxBudget { Scope = "member", Limit = 1m, ResetInterval = "daily", MemberId = "user_ann" });
        fixture.Account.Charge(1m, spender);

        Assert.Equal(403, (await fixture.PostAsync(SandboxFixture.Chat(), sibling.Secret)).Status);
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat(), stranger.Secret)).Status);
    }

    [Fact]
    public async Task Chat_WorkspaceBudgetsSpent_NamesTheBroadest()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxKey spender = fixture.Account.CreateKey(new SandboxKeyOptions { WorkspaceId = "w-1" });
        SandboxKey sibling = fixture.Account.CreateKey(new SandboxKeyOptions { WorkspaceId = "w-1" });
        fixture.Account.AddBudget(new SandboxBudget { Scope = "workspace", Limit = 1m, ResetInterval = "daily", WorkspaceId = "w-1" });
        fixture.Account.AddBudget(new SandboxBudget { Scope = "workspace", Limit = 2m, ResetInterval = "monthly", WorkspaceId = "w-1" });
        fixture.Account.Charge(2m, spender);

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(), sibling.Secret);

        Assert.Equal((403, "Workspace monthly budget of $2.00 exceeded. Contact your org admin."), (reply.Status, reply.Message));
        AssertBudget(reply, "openrouter_workspace_budget", "workspace", (2m, 2m, "2026-11-01T00:00:00.000Z"));
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat())).Status);
    }

    [Fact]
    public async Task Chat_SeveralLimitsSpent_ReportsThemInOrder()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxBudget member = new() { Scope = "member", Limit = 11m };
        SandboxKey key = fixture.Account.CreateKey(new SandboxKeyOptions { Limit = 11m });
        SandboxKey budgeted = fixture.Account.CreateKey(new SandboxKeyOptions { Limit = 0m, Budgets = { member } });
        fixture.Account.Charge(11m, key);

        string?[] sources =
        [
            (await fixture.PostAsync(SandboxFixture.Chat(), budgeted.Secret)).LimitSource,
            (await fixture.PostAsync(SandboxFixture.Chat(), key.Secret)).LimitSource,
            (await fixture.PostAsync(SandboxFixture.Chat())).LimitSource,
        ];

        Assert.Equal<string?[]>(["openrouter_guardrail_budget", "openrouter_key_limit", "openrouter_credits"], sources);
    }

    [Theory]
    [InlineData(8.99, 50, "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day")]
    [InlineData(9, 1000, "Rate limit exceeded: free-models-per-day-high-balance. ")]
    public async Task Chat_FreeDayUsedUp_Is429UntilMidnight(double credits, int limit, string message)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.InitialCredits = (decimal)credits);
        fixture.Account.SetFreeRequestsToday(limit - 1);
        int last = (await fixture.PostAsync(SandboxFixture.Chat(SandboxFixture.Free))).Status;

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(SandboxFixture.Free));
        JsonNode shown = (await fixture.GetAsync("key")).Data["free_model_daily_requests"]!;
        fixture.Clock.MoveTo(new DateTimeOffset(2026, 10, 15, 0, 0, 0, TimeSpan.Zero));

        Assert.Equal((200, 429, message), (last, reply.Status, reply.Message));
        Assert.Equal("openrouter_free_tier_daily", reply.LimitSource);
        Assert.StartsWith(Reset, (string)reply.Metadata!["remedy_hint"]!, StringComparison.Ordinal);
        AssertRateLimit(reply, limit, "1792022400000");
        Assert.Equal((limit + 1, limit, 0), ((int)shown["used"]!, (int)shown["limit"]!, (int)shown["remaining"]!));
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat(SandboxFixture.Free))).Status);
    }

    [Fact]
    public async Task Chat_TwentyFirstFreeRequestOfTheMinute_Is429UntilTheNext()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        Reply[] first = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => fixture.PostAsync(SandboxFixture.Chat(SandboxFixture.Free))));

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(SandboxFixture.Free));
        Reply paid = await fixture.PostAsync(SandboxFixture.Chat());
        fixture.Clock.Advance(TimeSpan.FromSeconds(45));

        Assert.All(first, each => Assert.Equal(200, each.Status));
        Assert.Equal((429, "Rate limit exceeded: free-models-per-min. "), (reply.Status, reply.Message));
        Assert.Null(reply.LimitSource);
        AssertRateLimit(reply, 20, "1791970260000");
        Assert.Equal(200, paid.Status);
        Assert.Equal(21, fixture.Account.FreeRequestsToday);
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat(SandboxFixture.Free))).Status);
    }

    [Fact]
    public async Task Key_WithFreeCounterLag_ShowsAnOlderCount()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.FreeCounterLag = TimeSpan.FromMinutes(8));
        await fixture.PostAsync(SandboxFixture.Chat(SandboxFixture.Free));
        JsonNode atOnce = (await fixture.GetAsync("key")).Data;
        fixture.Clock.Advance(TimeSpan.FromMinutes(8));
        JsonNode later = (await fixture.GetAsync("key")).Data;

        Assert.Equal((0, 1), ((int)atOnce["free_model_daily_requests"]!["used"]!, (int)later["free_model_daily_requests"]!["used"]!));
    }

    [Fact]
    public async Task Messages_WithoutCredits_IsBillingError()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Account.Charge(11m);

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat(), path: "messages");

        Assert.Equal((402, "billing_error"), (reply.Status, (string?)reply.Json["error"]!["type"]));
        Assert.Equal("openrouter_credits", (string?)reply.Json["metadata"]!["limit_source"]);
    }

    private static void AssertBudget(Reply reply, string source, string scope, (decimal Limit, decimal Spent, string? ResetsAt) budget)
    {
        Assert.Equal(source, reply.LimitSource);
        Assert.Equal(scope, (string?)reply.Metadata!["scope"]);
        Assert.Equal(budget.Limit, Reply.Money(reply.Metadata["limit_usd"]));
        Assert.Equal(budget.Spent, Reply.Money(reply.Metadata["spend_usd"]));
        Assert.Equal(budget.ResetsAt, (string?)reply.Metadata["resets_at"]);
        Assert.True(reply.Metadata.AsObject().ContainsKey("resets_at"));
    }

    private static async Task AssertOpensAsync(SandboxFixture fixture, SandboxKey key, string? resetsAt)
    {
        if (resetsAt is null)
        {
            fixture.Clock.Advance(TimeSpan.FromDays(400));
            Assert.Equal(403, (await fixture.PostAsync(SandboxFixture.Chat(), key.Secret)).Status);
            return;
        }

        DateTimeOffset opens = DateTimeOffset.Parse(resetsAt, CultureInfo.InvariantCulture);
        fixture.Clock.MoveTo(opens.AddTicks(-1));
        Assert.Equal(403, (await fixture.PostAsync(SandboxFixture.Chat(), key.Secret)).Status);
        fixture.Clock.MoveTo(opens);
        Assert.Equal(200, (await fixture.PostAsync(SandboxFixture.Chat(), key.Secret)).Status);
    }

    private static void AssertRateLimit(Reply reply, int limit, string reset)
    {
        JsonNode headers = reply.Metadata!["headers"]!;
        Assert.Equal(
            (limit.ToString(CultureInfo.InvariantCulture), "0", reset),
            ((string?)headers["X-RateLimit-Limit"], (string?)headers["X-RateLimit-Remaining"], (string?)headers["X-RateLimit-Reset"]));
        Assert.DoesNotContain("X-RateLimit-Reset", reply.Headers.Keys);
    }
}
