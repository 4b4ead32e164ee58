using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Sql.Tests.Allowances;

public sealed class DemandTests
{
    private const long Each = 3;

    private readonly ManualTimeProvider _clock = new();

    [Theory]
    // So few that all of the next five seconds, half of the longest time, are taken.
    [InlineData(20, 4096, 100)]
    // As many as are worth the round trips.
    [InlineData(100, 4096, 160)]
    // A second's.
    [InlineData(1000, 4096, 1000)]
    [InlineData(10_000, 4096, 4096)]
    [InlineData(1000, 5, 5)]
    public void Size_SoManyRequestsInASecond_IsForTheNextOrForAsManyAsAreWorthIt(int requests, int most, long expected)
    {
        var demand = Count(requests, new AllowanceOptions { MaxRequests = most });

        Assert.Equal(expected * Each, demand.Size(_clock.GetTimestamp()).Of(LimitUnit.UsDollars));
    }

    [Theory]
    // Eight answers take two seconds: as much is taken ahead.
    [InlineData(0.5, 2000)]
    // They take ten: but no more than half of the longest time.
    [InlineData(2.5, 5000)]
    public void Size_SharedLedgerIsSlow_IsForAsLongAsSomeAnswersTake(double seconds, long expected)
    {
        var demand = Count(1000, new AllowanceOptions { MaxRequests = 100_000 });

        demand.Answered(TimeSpan.FromSeconds(seconds));

        Assert.Equal(expected * Each, demand.Size(_clock.GetTimestamp()).Of(LimitUnit.UsDollars));
    }

    [Fact]
    public void Size_MoreThanThereAreNumbersFor_IsTheMostThereIs()
    {
        var demand = new Demand(new AllowanceOptions(), _clock);
        var wanted = default(Units);
        wanted.Add((int)LimitUnit.UsDollars, long.MaxValue);
        for (var request = 0; request < 1000; request++)
        {
            demand.Add(wanted, long.MaxValue, _clock.GetTimestamp());
        }

        Assert.True(demand.Size(_clock.GetTimestamp()).Of(LimitUnit.UsDollars) > long.MaxValue / 2);
    }

    private Demand Count(int requests, AllowanceOptions options)
    {
        var demand = new Demand(options, _clock);
        var wanted = default(Units);
        wanted.Add((int)LimitUnit.UsDollars, Each);
        for (var request = 0; request < requests; request++)
        {
            demand.Add(wanted, 1, _clock.GetTimestamp());
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        return demand;
    }
}
