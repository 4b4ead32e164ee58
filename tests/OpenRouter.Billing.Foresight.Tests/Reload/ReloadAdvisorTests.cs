namespace OpenRouter.Billing.Foresight.Tests.Reload;

/// <summary>What is recommended follows from what is spent, and says why.</summary>
public sealed class ReloadAdvisorTests
{
    [Fact]
    public void Advise_SteadySpending_RecommendsMoreThanADayAndSeveralDays()
    {
        var advice = ReloadAdvisor.Advise(Forecasts.Steady(perDay: 10, remaining: 40));

        Assert.InRange(advice.Threshold!.Value, 10.5m, 20);
        Assert.InRange(advice.Amount!.Value, 65, 85);
        Assert.Equal(0, advice.Amount % 5);
        Assert.False(advice.IsDue);
        Assert.Equal(2, advice.Reasons.Count);
        Assert.Contains("7 days are expected to take", advice.Reasons[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(12, true)]
    [InlineData(-3, true)]
    [InlineData(60, false)]
    public void Advise_Balance_IsDueAtTheThreshold(int remaining, bool isDue) =>
        Assert.Equal(isDue, ReloadAdvisor.Advise(Forecasts.Steady(perDay: 12, remaining)).IsDue);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    public void Advise_Days_AreCovered(int days)
    {
        var forecast = Forecasts.Steady(perDay: 10, remaining: 40);

        var amount = ReloadAdvisor.Advise(forecast, new() { Days = days }).Amount!.Value;

        Assert.InRange(amount, Math.Max(15, 9 * days), Math.Max(15, (12 * days) + 5));
    }

    [Fact]
    public void Advise_LittleSpending_RecommendsNoAmountThatTheMinimumFeeMakesDear()
    {
        var advice = ReloadAdvisor.Advise(Forecasts.Steady(perDay: 0.1m, remaining: 40));

        Assert.Equal(15, advice.Amount);
        Assert.Equal(1, advice.Threshold);
        Assert.Contains(advice.Reasons, reason => reason.Contains("minimum fee", StringComparison.Ordinal));
    }

    [Fact]
    public void Advise_MuchSpending_StaysBelowTheMaximum() =>
        Assert.Equal(500, ReloadAdvisor.Advise(Forecasts.Steady(perDay: 1_000, remaining: 40)).Amount);

    [Fact]
    public void Advise_TooLittleKnown_RecommendsNothingAndSaysWhatIsMissing()
    {
        var advice = ReloadAdvisor.Advise(Forecasts.Unknown(remaining: 0.5m));

        Assert.Equal((null, null, false), (advice.Threshold, advice.Amount, advice.IsDue));
        Assert.All(advice.Reasons, reason => Assert.Contains("A forecast takes 3 completed days", reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Advise_TheAppSaysBoth_NeedsNoForecast()
    {
        var advice = ReloadAdvisor.Advise(Forecasts.Unknown(remaining: 4), new() { Threshold = 5, Amount = 25 });

        Assert.Equal((5m, 25m, true), (advice.Threshold, advice.Amount, advice.IsDue));
    }

    [Fact]
    public void Advise_BalanceUnknown_IsNeverDue()
    {
        var advice = ReloadAdvisor.Advise(Forecasts.Steady(perDay: 10, remaining: null), new() { Threshold = 5, Amount = 25 });

        Assert.False(advice.IsDue);
        Assert.Contains(advice.Reasons, reason => reason.Contains("set ManagementKey", StringComparison.Ordinal));
    }

    public static TheoryData<Action<ReloadOptions>, string, string> Faults => new()
    {
        { options => options.Threshold = 0, "Threshold is 0 USD", "use a positive amount" },
        { options => options.Amount = -1, "Amount is -1 USD", "use a positive amount" },
        { options => options.MaxAmountPerDay = 0, "MaxAmountPerDay is 0 USD", "use a positive amount" },
        { options => options.MaximumAmount = 5, "MaximumAmount is 5 USD, below MinimumAmount", "make it at least as much" },
        { options => options.Days = 91, "Days is 91", "use 1 to 90" },
        { options => options.MaxPerDay = 0, "MaxPerDay is 0", "use a positive number" },
        { options => options.Cooldown = TimeSpan.Zero, "Cooldown is 00:00:00", "use a positive time" },
        { options => options.Arrival = TimeSpan.FromDays(31), "Arrival is 31.", "at most 30 days" },
        { options => options.CallTimeout = TimeSpan.FromSeconds(-1), "CallTimeout is -00:00:01", "use a positive time" },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void Advise_FaultyOptions_NamesOptionValueAndCure(Action<ReloadOptions> spoil, string found, string cure)
    {
        var options = new ReloadOptions();
        spoil(options);

        var fault = Assert.Throws<ArgumentException>(() => ReloadAdvisor.Advise(Forecasts.Unknown(1), options));

        Assert.Contains(found, fault.Message, StringComparison.Ordinal);
        Assert.Contains(cure, fault.Message, StringComparison.Ordinal);
    }
}
