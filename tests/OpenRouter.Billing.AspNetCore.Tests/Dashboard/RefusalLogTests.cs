using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore.Tests.Dashboard;

/// <summary>The latest refusals, never more than fit.</summary>
public sealed class RefusalLogTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Refused_AThousandTimesAlike_IsOneLineWithTheLatestTime()
    {
        var log = new RefusalLog(_clock);

        for (var index = 0; index < 1000; index++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            log.Refused(Refusal("alice", cost: index));
        }

        var line = Assert.Single(log.Latest());
        Assert.Equal((1000L, _clock.GetUtcNow(), "alice"), (line.Times, line.At, line.Member));
    }

    [Fact]
    public void Refused_AlwaysOfAnother_KeepsTheLatestFifty()
    {
        var log = new RefusalLog(_clock);

        for (var index = 0; index < 200; index++)
        {
            log.Refused(Refusal($"member-{index}"));
        }

        Assert.Equal(Enumerable.Range(150, 50).Reverse().Select(index => $"member-{index}"), log.Latest().Select(line => line.Member));
    }

    [Fact]
    public void Refused_NamesOfAnyKind_AreShortAndHarmless()
    {
        var log = new RefusalLog(_clock);

        log.Refused(Refusal("\u202Eevil\n" + new string('a', 500)));

        var member = Assert.Single(log.Latest()).Member!;
        Assert.Equal(81, member.Length);
        Assert.StartsWith("?evil?a", member, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_FromManyThreads_StaysBounded()
    {
        var log = new RefusalLog(_clock);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var index = 0; index < 200; index++)
            {
                log.Refused(Refusal($"{thread}-{index}"));
            }
        }, TestContext.Current.CancellationToken)));

        Assert.Equal(50, log.Latest().Count);
    }

    private BillingRefusal Refusal(string member, decimal cost = 1) => new(
        new BillingVerdict
        {
            Cause = BillingCause.AppBudget,
            CheckedAt = _clock.GetUtcNow(),
            Remedy = "Wait.",
            Limit = new LimitReading { Cause = BillingCause.AppBudget, Unit = LimitUnit.UsDollars, Capacity = 1, Used = 1, Held = 0, Required = cost, Since = _clock.GetUtcNow(), HasRoom = false },
        },
        new BillingScope { Member = member },
        IsObserved: false);
}
