
namespace OpenRouter.Billing.Tests.Api;

public sealed class KeysClientTests
{
    [Fact]
    public async Task GetCurrentAsync_WithoutInferenceKey_FailsBeforeSendingAndNamesTheOption()
    {
        var stub = new StubHandler();
        var exception = await Assert.ThrowsAsync<CredentialMissingException>(() => BillingClientKit.Over(stub, options => options.ApiKey = null).Keys.GetCurrentAsync(TestContext.Current.CancellationToken));
        Assert.Equal(nameof(OpenRouterBillingOptions.ApiKey), exception.OptionName);
        Assert.Equal("GET /key needs an inference key: set OpenRouterBillingOptions.ApiKey. Nothing was sent.", exception.Message);
        Assert.Empty(stub.Requests);
    }

    [Fact]
    public async Task GetCurrentAsync_BothKeysSet_SendsTheInferenceKey()
    {
        var stub = new StubHandler().On("GET key", TestData.KeyBody);
        await BillingClientKit.Over(stub).Keys.GetCurrentAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("GET key", TestData.ApiKey), Assert.Single(stub.Requests));
    }

    [Theory]
    [InlineData("""{"limit":null,"limit_remaining":null,"limit_reset":null}""", true, null, null, null)]
    [InlineData("""{"limit":0,"limit_remaining":0}""", true, 0d, 0d, null)]
    [InlineData("""{"limit":5,"limit_remaining":-0.5,"limit_reset":"monthly"}""", true, 5d, -0.5d, "monthly")]
    [InlineData("""{"limit":5}""", true, 5d, null, null)]
    [InlineData("{}", false, null, null, null)]
    public async Task GetCurrentAsync_KeyCap_TellsNoneFromUnknownFromSpent(string data, bool isKnown, double? limit, double? remaining, string? reset)
    {
        var key = await ReadAsync(data);
        Assert.Equal(isKnown, key.IsLimitKnown);
        Assert.Equal((decimal?)limit, key.Limit);
        Assert.Equal((decimal?)remaining, key.Remaining);
        Assert.Equal(reset, key.Reset?.Value);
    }

    [Fact]
    public async Task GetCurrentAsync_NothingSaid_IsNullAndNeverZero()
    {
        var key = await ReadAsync("{}");
        Assert.Equal(new KeyUsage(), key.Usage);
        Assert.Null(key.Usage.Total);
        Assert.Null(key.FreeModelDailyRequests);
        Assert.Null(key.Budgets);
        Assert.Null(key.EffectiveBudget);
        Assert.Null(key.IsFreeTier);
        Assert.Null(key.IsManagementKey);
        Assert.Null(key.ExpiresAt);
        Assert.Null(key.AllowedDataRegions);
        Assert.Null(key.LegacyRateLimit);
    }

    [Fact]
    public async Task GetCurrentAsync_Budgets_KeepsTheirOrderAndTellsEmptyFromUnknown()
    {
        Assert.Empty((await ReadAsync("""{"budgets":[]}""")).Budgets!);
        var key = await ReadAsync("""
            {"budgets":[{"scope":"member","limit_usd":40,"spend_usd":30.25,"remaining_usd":9.75,"reset_interval":"weekly","resets_at":"2026-11-23T00:00:00.000Z","include_byok":true,"guardrail_id":"g","budget_id":null},
                        null,{"scope":"galaxy","limit_usd":"1e2","spend_usd":100.01,"reset_interval":"fortnightly"},{}],
             "effective_budget":{"scope":"galaxy","remaining_usd":-0.01,"resets_at":null}}
            """);
        Assert.Equal([BudgetScope.Member, new BudgetScope("galaxy"), new BudgetScope(string.Empty)], key.Budgets!.Select(layer => layer.Scope));
        var member = key.Budgets![0];
        Assert.Equal((40m, 30.25m, 9.75m, ResetInterval.Weekly), (member.Limit, member.Spent, member.Remaining, member.Reset));
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero), member.ResetsAt);
        Assert.True(member.IncludesByok);
        Assert.Equal(("g", null), (member.GuardrailId, member.BudgetId));
        Assert.Equal((-0.01m, "fortnightly"), (key.Budgets[1].Remaining, key.Budgets[1].Reset!.Value.Value));
        Assert.Null(key.Budgets[2].Remaining);
        Assert.Equal(-0.01m, key.EffectiveBudget!.Remaining);
        Assert.Null(key.EffectiveBudget.Reset);
    }

    [Theory]
    [InlineData("""{"is_management_key":true,"is_provisioning_key":false}""", true)]
    [InlineData("""{"is_provisioning_key":true}""", true)]
    [InlineData("""{"is_management_key":"false"}""", false)]
    [InlineData("""{"is_management_key":null}""", null)]
    public async Task GetCurrentAsync_KindOfKey_IsReadFromEitherName(string data, bool? expected) =>
        Assert.Equal(expected, (await ReadAsync(data)).IsManagementKey);

    [Theory]
    [InlineData("""{"used":1033,"limit":1000,"remaining":-33}""", 1033L, 1000L, -33L)]
    [InlineData("""{"used":12,"limit":50}""", 12L, 50L, 38L)]
    [InlineData("""{"used":"12","limit":5e1,"remaining":38.0}""", 12L, 50L, 38L)]
    [InlineData("""{"limit":50}""", null, 50L, null)]
    public async Task GetCurrentAsync_FreeRequests_AreReadOrDerived(string counter, long? used, long? limit, long? remaining)
    {
        var requests = (await ReadAsync($$"""{"free_model_daily_requests":{{counter}}}""")).FreeModelDailyRequests!;
        Assert.Equal((used, limit, remaining), (requests.Used, requests.Limit, requests.Remaining));
    }

    [Theory]
    [InlineData("2026-12-31T23:59:59Z", "2026-12-31T23:59:59.0000000+00:00")]
    [InlineData("2026-12-31T23:59:59+00:00", "2026-12-31T23:59:59.0000000+00:00")]
    [InlineData("2026-12-31T23:59:59.123456+02:00", "2026-12-31T21:59:59.1234560+00:00")]
    [InlineData("2026-12-31T23:59:59", "2026-12-31T23:59:59.0000000+00:00")]
    [InlineData("2026-12-31", "2026-12-31T00:00:00.0000000+00:00")]
    public async Task GetCurrentAsync_AnySpellingOfAnInstant_IsUtc(string text, string expected) =>
        Assert.Equal(expected, (await ReadAsync($$"""{"expires_at":"{{text}}"}""")).ExpiresAt!.Value.ToString("O"));

    [Theory]
    [InlineData("\"gone\"")]
    [InlineData("[]")]
    [InlineData("false")]
    [InlineData("""{"requests":"many","interval":{}}""")]
    public async Task GetCurrentAsync_DeprecatedRateLimitOfAnotherShape_HarmsNothingElse(string rate)
    {
        var key = await ReadAsync($$"""{"rate_limit":{{rate}},"limit":5,"limit_remaining":4}""");
        Assert.Null(key.LegacyRateLimit);
        Assert.Equal(4m, key.Remaining);
    }

    [Theory]
    [InlineData("""{"usage":"NaN","usage_daily":1e400}""")]
    [InlineData("""{"free_model_daily_requests":{"used":9223372036854775807}}""")]
    [InlineData("""{"label":true,"expires_at":"","allowed_data_regions":"global"}""")]
    [InlineData("""{"byok_usage":"n/a","creator_user_id":{},"is_free_tier":[],"include_byok_in_limit":"maybe"}""")]
    public async Task GetCurrentAsync_MemberThatNoLimitNeedsIsUnreadable_TheLimitsStillRead(string data)
    {
        var key = await ReadAsync(data[..^1] + ""","limit":5,"limit_remaining":4}""");

        Assert.Equal((5m, 4m), (key.Limit, key.Remaining));
        Assert.Equal((null, null, null, null), (key.Usage.Total, key.ByokUsage.Total, key.ExpiresAt, key.FreeModelDailyRequests));
        Assert.Null(key.Label);
    }

    [Theory]
    [InlineData("""{"limit":"none"}""")]
    [InlineData("""{"limit":{}}""")]
    [InlineData("""{"limit_remaining":true}""")]
    [InlineData("""{"limit":1e40}""")]
    [InlineData("""{"budgets":{"scope":"member"}}""")]
    public async Task GetCurrentAsync_LimitThatIsNoNumber_IsAnErrorRatherThanNoLimit(string data) =>
        await Assert.ThrowsAsync<OpenRouterApiException>(() => ReadAsync(data));

    private static Task<ApiKeyStatus> ReadAsync(string data) =>
        BillingClientKit.Answering($$"""{"data":{{data}}}""").Keys.GetCurrentAsync(TestContext.Current.CancellationToken);
}
