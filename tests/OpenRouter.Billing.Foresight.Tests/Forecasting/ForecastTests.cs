namespace OpenRouter.Billing.Foresight.Tests.Forecasting;

public sealed class ForecastTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 18, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Of_FewerThanThreeDays_IsUnknownAndSaysSo(int days)
    {
        var forecast = Forecast.Of(Even(days, 2m), remaining: 10m);

        Assert.Equal(ForecastOutcome.Unknown, forecast.Outcome);
        Assert.Null(forecast.Depletion);
        Assert.Null(forecast.PerHour);
        Assert.Null(forecast.PerDay);
        Assert.Empty(forecast.NextDays);
        Assert.Equal(days, forecast.Basis.Days);
        Assert.Equal($"A forecast takes 3 completed days since the first spending, and there are {days}.", forecast.Basis.Missing);
    }

    [Fact]
    public void Of_DaysWithoutSpending_IsUnknown()
    {
        // An account that never spent says nothing about what it will spend.
        var forecast = Forecast.Of(Even(30, 0m), remaining: 10m);

        Assert.Equal(ForecastOutcome.Unknown, forecast.Outcome);
        Assert.Null(forecast.Depletion);
        Assert.Null(forecast.AverageDailySpend);
    }

    [Fact]
    public void Of_RemainingUnknown_StillSaysHowFastMoneyGoes()
    {
        var forecast = Forecast.Of(Even(10, 2m), remaining: null);

        Assert.Equal(ForecastOutcome.Unknown, forecast.Outcome);
        Assert.Null(forecast.Depletion);
        Assert.Equal(2m, forecast.AverageDailySpend);
        Assert.InRange(forecast.PerDay!.Value, 1.99m, 2.01m);
        Assert.Equal("What is left is unknown.", forecast.Basis.Missing);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.02)]
    public void Of_NothingLeft_IsSpent(double remaining)
    {
        var forecast = Forecast.Of(Even(10, 2m), (decimal)remaining);

        Assert.Equal(ForecastOutcome.Spent, forecast.Outcome);
        Assert.Null(forecast.Depletion);
        Assert.InRange(forecast.PerDay!.Value, 1.99m, 2.01m);
    }

    [Fact]
    public void Of_EvenDays_RunsOutWhenDivisionSays()
    {
        var forecast = Forecast.Of(Even(30, 2m), remaining: 10m);

        Assert.Equal(ForecastOutcome.RunsOut, forecast.Outcome);
        Assert.InRange(forecast.Depletion!.Expected!.Value, Noon.AddDays(4.99), Noon.AddDays(5.01));
        Assert.InRange(forecast.Depletion.Earliest!.Value, Noon.AddDays(4), Noon.AddDays(5));
        Assert.InRange(forecast.Depletion.Latest!.Value, Noon.AddDays(5), Noon.AddDays(6));
        Assert.InRange(forecast.PerHour!.Value, 0.083m, 0.084m);
        Assert.Equal((new DateOnly(2026, 10, 19), new DateOnly(2026, 11, 17), 30), (forecast.Basis.From, forecast.Basis.To, forecast.Basis.Days));
        Assert.False(forecast.Basis.UsesTrend);
        Assert.False(forecast.Basis.UsesWeekdays);
        Assert.Null(forecast.Basis.Missing);
    }

    [Fact]
    public void Of_NextDays_AreTheSevenAfterToday()
    {
        var forecast = Forecast.Of(Even(30, 2m), remaining: null);

        Assert.Equal(Enumerable.Range(1, 7).Select(day => new DateOnly(2026, 11, 18).AddDays(day)), forecast.NextDays.Select(day => day.Day));
        Assert.All(forecast.NextDays, day => Assert.True(day.Low < day.Expected && day.Expected < day.High));
    }

    [Fact]
    public void Of_QuietWeekends_ExpectsThemQuiet()
    {
        var days = Days(28, day => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 1m : 10m);

        var forecast = Forecast.Of(days, remaining: null);

        Assert.True(forecast.Basis.UsesWeekdays);
        Assert.All(forecast.NextDays, day => Assert.InRange(day.Expected, day.Day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0.5m : 9m, day.Day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 2m : 11m));
    }

    [Fact]
    public void Of_QuietWeekendsOfThreeWeeks_DoesNotTrustThem()
    {
        var days = Days(27, day => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 1m : 10m);

        Assert.False(Forecast.Of(days, remaining: null).Basis.UsesWeekdays);
    }

    [Fact]
    public void Of_SteadyGrowth_ExpectsMoreThanEver()
    {
        var day0 = new DateOnly(2026, 10, 19);

        var forecast = Forecast.Of(Days(30, day => 1m + (0.1m * (day.DayNumber - day0.DayNumber))), remaining: null);

        Assert.True(forecast.Basis.UsesTrend);
        Assert.All(forecast.NextDays, day => Assert.True(day.Expected > 3.5m));
    }

    [Fact]
    public void Of_ADayThatRunsWild_RaisesTheBurnRate()
    {
        var usual = Forecast.Of(Even(30, 2m) with { SpentToday = 1m }, remaining: 100m);

        var wild = Forecast.Of(Even(30, 2m) with { SpentToday = 50m }, remaining: 100m);

        Assert.True(wild.PerHour > 10 * usual.PerHour);
        Assert.True(wild.Depletion!.Expected < usual.Depletion!.Expected);
    }

    [Fact]
    public void Of_CapThatResetsFirst_Lasts()
    {
        var forecast = Forecast.Of(Even(30, 2m), remaining: 10m, Noon.AddDays(2));

        Assert.Equal(ForecastOutcome.Lasts, forecast.Outcome);
        Assert.Equal(new Depletion(), forecast.Depletion);
    }

    [Fact]
    public void Of_CapThatResetsInsideTheRange_MayRunOut()
    {
        var days = Days(30, day => day.DayNumber % 2 == 0 ? 1m : 3m);

        var forecast = Forecast.Of(days, remaining: 20m, Noon.AddDays(9));

        Assert.Equal(ForecastOutcome.MayRunOut, forecast.Outcome);
        Assert.NotNull(forecast.Depletion!.Earliest);
        Assert.Null(forecast.Depletion.Expected);
    }

    [Fact]
    public void Of_CapThatResetsLater_RunsOut() =>
        Assert.Equal(ForecastOutcome.RunsOut, Forecast.Of(Even(30, 2m), remaining: 10m, Noon.AddDays(9)).Outcome);

    [Fact]
    public void Of_MoneyForCenturies_Lasts()
    {
        var forecast = Forecast.Of(Even(30, 0.000001m), remaining: 1_000_000m);

        Assert.Equal(ForecastOutcome.Lasts, forecast.Outcome);
        Assert.Equal(new Depletion(), forecast.Depletion);
    }

    [Fact]
    public void Of_DaysMissingInBetween_CostNothing()
    {
        var history = Even(10, 2m);

        var forecast = Forecast.Of(history with { Days = [.. history.Days.Where((_, index) => index is 0 or 9)] }, remaining: null);

        Assert.Equal(10, forecast.Basis.Days);
        Assert.Equal(0.4m, forecast.AverageDailySpend);
    }

    [Fact]
    public void Of_TodayAndOlderDays_AreLeftOut()
    {
        var history = Even(10, 2m);

        var forecast = Forecast.Of(history with { Days = [.. history.Days, new(new DateOnly(2026, 11, 18), 500m), new(new DateOnly(2026, 9, 1), 500m)] }, remaining: null);

        Assert.Equal(2m, forecast.AverageDailySpend);
    }

    [Theory]
    [InlineData("0.000000001", "0.000000001")]
    [InlineData("1000000000000", "1000000000000")]
    [InlineData("0.000000001", "79228162514264337593543950335")]
    [InlineData("1000000000000", "0.0000000000000000000000000001")]
    public void Of_ExtremeAmounts_StaysWithinADecimal(string cost, string remaining)
    {
        var day = decimal.Parse(cost, System.Globalization.CultureInfo.InvariantCulture);
        var history = Days(30, date => date.DayNumber % 3 == 0 ? day : 0);

        var forecast = Forecast.Of(history with { SpentToday = day }, decimal.Parse(remaining, System.Globalization.CultureInfo.InvariantCulture));

        Assert.NotEqual(ForecastOutcome.Unknown, forecast.Outcome);
    }

    [Fact]
    public void Of_OneDayAboveAllOthers_StaysWithinADecimal()
    {
        foreach (var wild in Enumerable.Range(0, 30))
        {
            var history = Days(30, day => day == new DateOnly(2026, 10, 19).AddDays(wild) ? 1_000_000_000_000m : 0.000000001m);

            Assert.NotEqual(ForecastOutcome.Unknown, Forecast.Of(history, 1000m).Outcome);
        }
    }

    [Fact]
    public void Of_NegativeDay_IsRefused()
    {
        var history = Even(3, 2m);

        var refused = Assert.Throws<ArgumentException>(() => Forecast.Of(history with { Days = [.. history.Days, new(new DateOnly(2026, 11, 1), -1m)] }, 1m));

        Assert.Contains("Days: 2026-11-01 costs -1 USD", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ADayTwice_IsRefused()
    {
        var history = Even(3, 2m);

        Assert.Throws<ArgumentException>(() => Forecast.Of(history with { Days = [.. history.Days, history.Days[0]] }, 1m));
    }

    [Fact]
    public void Of_OtherOffset_CountsDaysInUtc()
    {
        var history = Even(30, 2m);

        var there = Forecast.Of(history with { At = Noon.ToOffset(TimeSpan.FromHours(14)) }, 10m);

        Assert.Equal(Forecast.Of(history, 10m).Depletion, there.Depletion);
    }

    private static SpendHistory Even(int days, decimal cost) => Days(days, _ => cost);

    private static SpendHistory Days(int days, Func<DateOnly, decimal> cost) => new()
    {
        At = Noon,
        Days = [.. Enumerable.Range(-days, days).Select(ago => new DateOnly(2026, 11, 18).AddDays(ago)).Select(day => new DailySpend(day, cost(day)))],
    };
}
