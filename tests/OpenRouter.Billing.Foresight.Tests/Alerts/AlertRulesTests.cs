using static OpenRouter.Billing.Foresight.Tests.Alerts.AlertWorld;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

public sealed class AlertRulesTests
{
    private static readonly DateTimeOffset NextMonth = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(22, "")]
    [InlineData(19.99, "balance/20")]
    [InlineData(5, "balance/20")]
    [InlineData(4.99, "balance/20 balance/5")]
    [InlineData(0, "balance/20 balance/5")]
    [InlineData(-0.01, "balance/20 balance/5 balance/negative")]
    public void Conditions_Balance_PassesTheDefaultThresholds(double balance, string passed) =>
        Assert.Equal(passed, Passed(Review((decimal)balance)));

    [Theory]
    [InlineData(21.99, AlertStanding.Near)]
    [InlineData(22, AlertStanding.Clear)]
    public void Conditions_BalanceAboveItsThreshold_IsClearATenthAbove(double balance, object standing) =>
        Assert.Equal((AlertStanding)standing, Conditions(Review((decimal)balance)).Single(condition => condition.Rule == "balance/20").Standing);

    [Fact]
    public void Conditions_OwnThresholds_CarrySeverityAndRecipients()
    {
        var conditions = Conditions(Review(40m), options => options.BalanceThresholds.Add(new() { At = 50m, Severity = AlertSeverity.Info, Recipients = { "finance" } }));

        var notice = conditions.Single(condition => condition.Rule == "balance/50").Notice;
        Assert.Equal((AlertKind.Balance, AlertSeverity.Info, 40m, 50m), (notice.Kind, notice.Severity, notice.Value, notice.Threshold));
        Assert.Equal(["finance"], notice.Recipients);
        Assert.Equal("The balance is 40.00 USD, below 50.00 USD.", notice.Message);
        Assert.DoesNotContain(conditions, condition => condition.Rule == "balance/20");
    }

    [Fact]
    public void Conditions_BalanceUnknown_StandsNowhere() => Assert.Empty(Conditions(Review()));

    [Fact]
    public void Conditions_MutedKind_IsLeftOut() =>
        Assert.Equal(["balance/negative"], Conditions(Review(1m), options => options.Muted.Add(AlertKind.Balance)).Select(condition => condition.Rule));

    [Theory]
    [InlineData(79, "")]
    [InlineData(80, "key/ab/80")]
    [InlineData(100, "key/ab/80 key/ab/100")]
    [InlineData(120, "key/ab/80 key/ab/100")]
    public void Conditions_KeyCap_PassesParts(double spent, string passed) => Assert.Equal(passed, Passed(Review(limits: [Cap(100m, (decimal)spent)])));

    [Fact]
    public void Conditions_KeyCap_BelongsToItsPeriod()
    {
        var condition = Conditions(Review(limits: [Cap(100m, 85m)])).First();

        Assert.Equal("100/2026-12-01", condition.Window);
        Assert.Equal("The key 'ci' has used 85 % of its 100.00 USD, until 2026-12-01 00:00 UTC.", condition.Notice.Message);
        Assert.Equal((AlertKind.KeyCap, "ci"), (condition.Notice.Kind, condition.Notice.Subject));
        Assert.Null(Conditions(Review(limits: [Cap(100m, 85m) with { ResetsAt = null }])).First().Window);
    }

    [Fact]
    public void Conditions_KeyNamedLikeASecret_DoesNotShowIt()
    {
        var named = Cap(100m, 85m) with { Name = "my\nsk-or-v1-0123456789abcdef key" };

        Assert.Equal("The key 'my (removed) key' has used 85 % of its 100.00 USD, until 2026-12-01 00:00 UTC.", Conditions(Review(limits: [named])).First().Notice.Message);
    }

    [Fact]
    public void Conditions_CapOfZero_StandsNowhere() => Assert.Empty(Conditions(Review(limits: [Cap(0m, 0m)])));

    [Fact]
    public void Conditions_Budgets_AreToldAsSuch()
    {
        var budget = Cap(10m, 9m) with { Limit = ForecastLimit.AppBudget, Name = "Daily, Project 'search'", KeyHash = null };
        var layers = Key(budgets: [new KeyBudget { Scope = new BudgetScope("member"), Limit = 10m, Remaining = -1m, ResetsAt = NextMonth }, new KeyBudget { Scope = new BudgetScope("key_limit"), Limit = 10m, Remaining = 0m }]);

        var conditions = Conditions(Review(limits: [budget], current: layers)).Where(condition => condition.Standing == AlertStanding.Passed).ToList();

        Assert.All(conditions, condition => Assert.Equal(AlertKind.Budget, condition.Notice.Kind));
        Assert.Equal(["app-budget/Daily, Project 'search'//80", "layer/member///80", "layer/member///100"], conditions.Select(condition => condition.Rule));
    }

    [Theory]
    [InlineData(39, "")]
    [InlineData(40, "free/80")]
    [InlineData(53, "free/80 free/100")]
    public void Conditions_FreeQuota_PassesParts(int used, string passed) =>
        Assert.Equal(passed, Passed(Review(current: Key(new FreeModelDailyRequests { Used = used, Limit = 50 }))));

    [Fact]
    public void Conditions_FreeQuotaRightAfterMidnight_IsYesterdays() =>
        Assert.Empty(Conditions(Review(at: Noon.AddHours(-12).AddMinutes(10), current: Key(new FreeModelDailyRequests { Used = 50, Limit = 50 }))));

    [Theory]
    [InlineData(3.4, AlertStanding.Clear)]
    [InlineData(3.1, AlertStanding.Near)]
    [InlineData(2.9, AlertStanding.Passed)]
    public void Conditions_Depletion_PassesItsHorizon(double days, object standing)
    {
        var forecast = Unknown(Noon) with { Outcome = ForecastOutcome.RunsOut, Remaining = 10m, Depletion = new Depletion { Expected = Noon.AddDays(days), Earliest = Noon.AddDays(1) } };

        Assert.Equal((AlertStanding)standing, Conditions(Review(forecast: forecast)).First().Standing);
    }

    [Fact]
    public void Conditions_MoneyThatLasts_IsClear() =>
        Assert.All(
            Conditions(Review(forecast: Unknown(Noon) with { Outcome = ForecastOutcome.Lasts, Remaining = 10m, Depletion = new Depletion() })),
            condition => Assert.Equal(AlertStanding.Clear, condition.Standing));

    [Fact]
    public void Conditions_ForecastUnknown_SaysNothing() => Assert.Empty(Conditions(Review(forecast: Unknown(Noon))));

    [Theory]
    [InlineData(12, 14.9, "")]
    [InlineData(12, 15, "spike/3")]
    [InlineData(1, 3.8, "spike/3")]
    [InlineData(1, 3.7, "")]
    public void Conditions_TodayAgainstTheUsualDay_PassesAFactor(int hour, double spentToday, string passed) =>
        Assert.Equal(passed, Passed(Review(at: Noon.AddHours(hour - 12), forecast: Usual(spentToday))));

    [Fact]
    public void Conditions_SpikeOfCentsOrOfFewDays_SaysNothing()
    {
        Assert.Empty(Conditions(Review(forecast: Usual(0.99) with { AverageDailySpend = 0.01m })));
        Assert.Empty(Conditions(Review(forecast: Usual(100) with { Basis = new ForecastBasis { Days = 6, SpentToday = 100m } })));
    }

    [Fact]
    public void Conditions_KeysThatEnd_AreToldBefore()
    {
        ApiKey[] keys = [Ending("a", 6, isDisabled: false), Ending("b", 0.5, isDisabled: false), Ending("c", 6, isDisabled: true), Ending("d", -1, isDisabled: false), Ending("e", 60, isDisabled: false)];

        Assert.Equal("key-expiry/a/7.00:00:00 key-expiry/b/7.00:00:00 key-expiry/b/1.00:00:00", Passed(Review(keys: keys)));
        Assert.Equal("The key 'a' stops working from 2026-11-24 12:00 UTC on.", Conditions(Review(keys: keys)).First().Notice.Message);
    }

    [Fact]
    public void Conditions_RegisteredKeyThatEnds_IsToldWithoutAManagementKey() =>
        Assert.Equal("key-expiry/current/7.00:00:00", Passed(Review(current: Key(expiresAt: Noon.AddDays(2)))));

    [Fact]
    public void Conditions_ModelsThatEnd_AreToldBefore() =>
        Assert.Equal("model-expiry/old/model/14.00:00:00", Passed(Review(models: [("old/model", new DateOnly(2026, 11, 28)), ("older/model", new DateOnly(2027, 11, 28))])));

    private static string Passed(AccountReview review) =>
        string.Join(' ', Conditions(review).Where(condition => condition.Standing == AlertStanding.Passed).Select(condition => condition.Rule));

    private static Forecast Cap(decimal capacity, decimal spent) => Unknown(Noon) with
    {
        Limit = ForecastLimit.KeyCap,
        Name = "ci",
        KeyHash = "ab",
        Capacity = capacity,
        Remaining = capacity - spent,
        ResetsAt = NextMonth,
    };

    private static Forecast Usual(double spentToday) => Unknown(Noon) with { AverageDailySpend = 10m, Basis = new ForecastBasis { Days = 30, SpentToday = (decimal)spentToday } };

    private static ApiKey Ending(string name, double days, bool isDisabled) => new()
    {
        Hash = name,
        Name = name,
        IsDisabled = isDisabled,
        ExpiresAt = Noon.AddDays(days),
        Usage = new KeyUsage(),
        ByokUsage = new KeyUsage(),
    };
}
