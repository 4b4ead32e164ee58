using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

public sealed class LimitHistoryTests
{
    private const int Second = 1;
    private const int Minute = 60;
    private const int Hour = 3600;
    private const long FortyDays = 40 * TimeSpan.TicksPerDay;

    private static readonly long Start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    [Fact]
    public void Add_HundredThousandOverMonths_KeepsFewBucketsAndExactSums()
    {
        var random = new Random(11);
        var history = new LimitHistory();
        var booked = new List<(long At, long Amount)>();
        var now = Start;
        var most = 0;
        for (var count = 0; count < 100_000; count++)
        {
            now += random.NextInt64(2 * 200 * TimeSpan.TicksPerDay / 100_000);
            var amount = random.NextInt64(1_000_000_000);
            history.Add(now, amount);
            booked.Add((now, amount));
            most = Math.Max(most, history.BucketCount);
        }

        // Minutes of 26 hours, hours of 2 days and a day each for the rest, twice over between two compactions.
        Assert.InRange(most, 1, 2 * ((26 * 60) + 48 + 200 + 120));
        for (var day = 0; day < 200; day++)
        {
            var since = Start + (day * TimeSpan.TicksPerDay);
            Assert.Equal(booked.Where(use => use.At >= since).Sum(use => use.Amount), history.Since(since).Settled);
        }
    }

    [Fact]
    public void Since_RecentPast_IsExactToTheSecondAndTheLastDayToTheMinute()
    {
        var random = new Random(12);
        var history = new LimitHistory();
        var booked = new List<(long At, long Amount)>();
        var now = Start;
        while (now < Start + (3 * TimeSpan.TicksPerDay))
        {
            now += random.NextInt64(20 * TimeSpan.TicksPerSecond);
            booked.Add((now, 1));
            history.Add(now, 1);
        }

        for (var back = 0L; back < 60 * TimeSpan.TicksPerSecond; back += TimeSpan.TicksPerSecond / 3)
        {
            AssertExact(Floor(now - back, TimeSpan.TicksPerSecond));
        }

        for (var back = 0L; back < 25 * TimeSpan.TicksPerHour; back += TimeSpan.TicksPerMinute * 7)
        {
            AssertExact(Floor(now - back, TimeSpan.TicksPerMinute));
        }

        void AssertExact(long since) => Assert.Equal(booked.Count(use => use.At >= since), history.Since(since).Settled);
    }

    [Fact]
    public void Add_WhereTheNewestBucketEnds_BeginsAnother()
    {
        var history = new LimitHistory();

        history.Add(Start, 1);
        history.Add(Start + TimeSpan.TicksPerSecond - 1, 2);
        history.Add(Start + TimeSpan.TicksPerSecond, 4);

        Assert.Equal(2, history.BucketCount);
        Assert.Equal(4, history.Since(Start + TimeSpan.TicksPerSecond).Settled);
    }

    [Fact]
    public void Add_BeyondFiveHundredAndTwelveBuckets_KeepsTwoMinutesOfSecondsAndMinutesBeforeThem()
    {
        var history = new LimitHistory();
        for (var second = 0; second < 512; second++)
        {
            history.Add(Start + (second * TimeSpan.TicksPerSecond), 1);
        }

        Assert.Equal(512, history.BucketCount);
        history.Add(Start + (512 * TimeSpan.TicksPerSecond), 1);

        // Six minutes and the beginning of another, the seconds since then, and the one that is new.
        Assert.Equal(6 + 1 + 120 + 1, history.BucketCount);
        Assert.Equal(513, history.Since(Start).Settled);
        Assert.Equal(120 + 1, history.Since(Start + (392 * TimeSpan.TicksPerSecond)).Settled);
        Assert.Equal(new DateTimeOffset(Start + TimeSpan.TicksPerMinute, TimeSpan.Zero), history.Since(Start).Oldest);
    }

    [Theory]
    [InlineData(1 * Second, (2 * Minute) - 1, 1)]
    [InlineData(1 * Second, 2 * Minute, 11)]
    [InlineData(1 * Minute, (26 * Hour) - 1, 1)]
    [InlineData(1 * Minute, 26 * Hour, 11)]
    [InlineData(1 * Hour, (48 * Hour) - 1, 1)]
    [InlineData(1 * Hour, 48 * Hour, 11)]
    [InlineData(24 * Hour, 1000 * Hour, 1)]
    public void Since_TwoUsesInTheSameUnitOfTime_AreToldApartUntilTheyAreThatOld(int apart, int age, long expected)
    {
        var history = new LimitHistory();
        for (var day = 0; day < 510; day++)
        {
            history.Add(Start + (day * TimeSpan.TicksPerDay), 100);
        }

        // The same minute, hour or day for both, whatever they are apart.
        var later = Start + (600 * TimeSpan.TicksPerDay) + (12 * TimeSpan.TicksPerHour) + (30 * TimeSpan.TicksPerMinute) + (30 * TimeSpan.TicksPerSecond);
        history.Add(later - (apart * TimeSpan.TicksPerSecond), 10);
        history.Add(later, 1);
        history.Add(later + ((1 + age) * TimeSpan.TicksPerSecond), 0);

        Assert.Equal(expected, history.Since(later).Settled);
    }

    [Fact]
    public void IsSpentForGood_UseOfFortyDaysAgo_OnceItIsOlder()
    {
        var history = new LimitHistory();
        history.Add(Start, 1);
        var fortyDaysAfter = Start + TimeSpan.TicksPerSecond + FortyDays;

        Assert.False(history.IsSpentForGood(fortyDaysAfter));
        Assert.True(history.IsSpentForGood(fortyDaysAfter + 1));
    }

    [Fact]
    public void IsSpentForGood_ClaimLookedBackFortyDays_IsNever()
    {
        var history = new LimitHistory();
        history.Add(Start, 1);
        var later = Start + (3 * FortyDays);
        history.LookedBack(later - FortyDays + 1, later);
        Assert.True(history.IsSpentForGood(later));

        history.LookedBack(later - FortyDays, later);
        Assert.False(history.IsSpentForGood(later));
    }

    [Fact]
    public void Remove_AfterCompaction_TakesBackFromTheBucketThatHoldsIt()
    {
        var history = new LimitHistory();
        var found = history.Add(Start, 1000);
        for (var count = 1; count <= 5000; count++)
        {
            history.Add(Start + (count * TimeSpan.TicksPerMinute), 1);
        }

        history.Remove(found, 1000);

        Assert.Equal(5000, history.Since(Start).Settled);
        Assert.Equal(5000 - (24 * 60) + 1, history.Since(Start + TimeSpan.TicksPerDay).Settled);
    }

    [Fact]
    public void UsedSince_SumsBeyondTheRange_DoNotWrapAround()
    {
        var history = new LimitHistory { Leased = long.MaxValue };
        for (var count = 0; count < 1000; count++)
        {
            history.Add(Start, long.MaxValue);
        }

        Assert.Equal((Int128)long.MaxValue * 1001, history.UsedSince(Start));
        Assert.Equal(long.MaxValue, history.Since(Start).Settled);
    }

    private static long Floor(long ticks, long width) => ticks - (ticks % width);
}
