using System.Globalization;

namespace OpenRouter.Billing.Foresight.Tests.Forecasting;

/// <summary>Forecasts held against futures that are known.</summary>
public sealed class BacktestTests(ITestOutputHelper output)
{
    private const int Months = 1000;
    private const int ShortMonths = 300;
    private const decimal Year = 365;

    public static TheoryData<string> Kinds => ["flat", "weekly", "growth", "spikes", "gaps"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Of_AMonthOfDays_HoldsTheTruthInItsRangeAndBeatsTheMeanOfAWeek(string kind)
    {
        var results = Run(kind, knownDays: 30, Months);

        Assert.True(results.Covered >= Months * 9 / 10, $"The range holds the truth in {results.Covered} of {Months} months.");
        Assert.True(results.MedianError < results.NaiveError, $"The median error is {results.MedianError:0.00} days, that of the mean of a week {results.NaiveError:0.00}.");
        Assert.True(results.Width < 5, $"The range is {results.Width:0.0} times as wide as the time to the truth: it says nothing.");
    }

    [Theory]
    [InlineData("flat", 7)]
    [InlineData("weekly", 7)]
    [InlineData("growth", 7)]
    [InlineData("spikes", 7)]
    [InlineData("gaps", 7)]
    [InlineData("flat", 14)]
    [InlineData("weekly", 14)]
    [InlineData("growth", 14)]
    [InlineData("spikes", 14)]
    [InlineData("gaps", 14)]
    public void Of_FewDays_HoldsTheTruthInAWiderRange(string kind, int knownDays)
    {
        var results = Run(kind, knownDays, ShortMonths);

        Assert.True(results.Covered >= results.Known * 9 / 10, $"The range holds the truth in {results.Covered} of {results.Known} months.");
        Assert.True(results.Known > ShortMonths * 9 / 10, $"Only {results.Known} of {ShortMonths} months are known well enough.");
    }

    private Results Run(string kind, int knownDays, int months)
    {
        var (covered, known, errors, naive, widths) = (0, 0, new List<decimal>(), new List<decimal>(), new List<decimal>());
        for (var seed = 0; seed < months; seed++)
        {
            var month = SyntheticMonth.Draw(kind, seed, knownDays);
            if (Forecast.Of(month.History, month.Remaining).Depletion is not { } depletion)
            {
                continue;
            }

            var (expected, earliest, latest) = (Days(depletion.Expected, month), Days(depletion.Earliest, month), Days(depletion.Latest, month));
            known++;
            covered += earliest <= month.DaysLeft && (depletion.Latest is null || month.DaysLeft <= latest) ? 1 : 0;
            errors.Add(Math.Abs(expected - month.DaysLeft));
            widths.Add((latest - earliest) / month.DaysLeft);
            var week = month.History.Days.TakeLast(7).Average(day => day.Cost);
            naive.Add(Math.Abs((week == 0 ? Year : month.Remaining / week) - month.DaysLeft));
        }

        var results = new Results(covered, known, Median(errors), Median(naive), Median(widths));
        output.WriteLine("days known | months | truth in range | median error | mean of 7 days | range / time left");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind} {knownDays} | {known} | {covered * 100m / known:0.0} % | {results.MedianError:0.00} days | {results.NaiveError:0.00} days | {results.Width:0.00}"));
        return results;
    }

    private static decimal Days(DateTimeOffset? instant, SyntheticMonth month) => instant is { } at ? (decimal)(at - month.History.At).Ticks / TimeSpan.TicksPerDay : Year;

    private static decimal Median(List<decimal> values) => values.Order().ElementAt(values.Count / 2);

    private sealed record Results(int Covered, int Known, decimal MedianError, decimal NaiveError, decimal Width);
}
