using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Snapshots;

/// <summary>Own spending is counted beside the server's figures until it certainly shows in them, and not much longer.</summary>
public sealed class LearnedLagTests
{
    private const int Histories = 1000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task AnyHistory_WhateverTheLagAndWhoeverElseSpends_NeverGrantsWhatIsNotThere(int seed)
    {
        var random = new Random(seed);
        var worlds = await PlayAsync(Histories, () => AnyStory(random));

        Report(worlds);
        Assert.All(worlds, world => Assert.Equal(0, world.Overspent));
        Assert.True(worlds.Count(world => world.Shortest < TimeSpan.FromSeconds(60)) > Histories / 20);
    }

    // The same histories catch a guard that takes the lag for shorter than it is.
    [Fact]
    public async Task AnyHistory_OnALagThatIsMerelyAssumed_Overspends()
    {
        var random = new Random(1);
        var worlds = await PlayAsync(Histories / 5, () => AnyStory(random) with { Fixed = TimeSpan.FromSeconds(10) });

        Report(worlds);
        Assert.True(worlds.Count(world => world.Overspent > 0) > worlds.Count / 10);
    }

    [Fact]
    public async Task NobodyElseSpends_LagOfTwoSeconds_RefusesLessCloseToTheLimitThanTheUpperBound()
    {
        var story = new LagStory { Seed = 7, Lag = _ => TimeSpan.FromSeconds(2), Steps = 6000 };

        var learned = await LagWorld.PlayAsync(story);
        var @fixed = await LagWorld.PlayAsync(story with { Fixed = TimeSpan.FromSeconds(60) });

        TestContext.Current.TestOutputHelper!.WriteLine($"refused too early: {learned.RefusedTooEarly} of {story.Steps}, with the upper bound {@fixed.RefusedTooEarly}; shortest lag {learned.Shortest}");
        Assert.Equal(TimeSpan.FromSeconds(10), learned.Shortest);
        Assert.True(learned.RefusedTooEarly < @fixed.RefusedTooEarly * 2 / 3);
    }

    [Fact]
    public void Read_EveryCostShowsBeforeTheNextLook_IsTwiceTheAgeAtWhichEnoughOfThemShowed()
    {
        var counter = new Counter();

        counter.Work(TimeSpan.FromSeconds(8), _ => TimeSpan.FromSeconds(2));

        Assert.Equal(TimeSpan.FromSeconds(16), counter.Lag);
    }

    // That nothing was ever seen missing says nothing about ages at which nobody looked.
    [Fact]
    public void Read_NobodyLooksSoonerThanItShows_IsNotTakenForShort()
    {
        var counter = new Counter();

        counter.Work(TimeSpan.FromSeconds(40), _ => TimeSpan.FromSeconds(35));

        Assert.Equal(counter.Longest, counter.Lag);
    }

    [Fact]
    public void Read_AnOldCostIsMissingAmongEqualOnes_IsNotTakenForTheNewest()
    {
        var counter = new Counter { Cost = _ => 0.001m };

        counter.Work(TimeSpan.FromSeconds(4), number => number % 6 == 0 ? TimeSpan.FromSeconds(45) : TimeSpan.Zero);

        // Five requests after the first, four seconds apart.
        Assert.Equal(TimeSpan.FromSeconds(2 * 5 * 4), counter.Lag);
    }

    [Fact]
    public void Read_CostShowsLaterThanItEverDid_IsLongerAtOnce()
    {
        var counter = new Counter();
        counter.Work(TimeSpan.FromSeconds(5), _ => TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromSeconds(10), counter.Lag);

        counter.Spend(TimeSpan.Zero);
        counter.Spend(TimeSpan.FromSeconds(50));
        counter.Clock.Advance(TimeSpan.FromSeconds(21));
        counter.Look();

        Assert.Equal(TimeSpan.FromSeconds(42), counter.Lag);
    }

    [Fact]
    public void Read_CounterIsRounded_LearnsNothing()
    {
        var counter = new Counter { Digits = 5 };

        counter.Work(TimeSpan.FromSeconds(5), _ => TimeSpan.Zero);

        Assert.Equal(counter.Longest, counter.Lag);
    }

    [Fact]
    public void Read_CounterIsASumOfBinaryFractions_StillAddsUp()
    {
        var counter = new Counter { Noise = 0.00000000000000017m };

        counter.Work(TimeSpan.FromSeconds(5), _ => TimeSpan.Zero);

        Assert.Equal(TimeSpan.FromSeconds(10), counter.Lag);
    }

    [Fact]
    public void Spent_MoreThanIsKeptBetweenTwoLooks_IsTheLongestAndLearnsAgain()
    {
        var counter = new Counter();
        counter.Work(TimeSpan.FromSeconds(5), _ => TimeSpan.Zero);
        for (var number = 0; number < 10_000; number++)
        {
            counter.Spend(TimeSpan.Zero);
        }

        Assert.Equal(counter.Longest, counter.Lag);
        counter.Work(TimeSpan.FromSeconds(5), _ => TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromSeconds(10), counter.Lag);
    }

    [Fact]
    public void Read_BusyForHoursWithoutAPause_KeepsWhatWasLearnedAndSeesWhatGrows()
    {
        var counter = new Counter();
        counter.Work(TimeSpan.FromSeconds(5), _ => TimeSpan.Zero);

        for (var number = 0; number < 10_000; number++)
        {
            counter.Spend(TimeSpan.FromSeconds(1));
            counter.Clock.Advance(TimeSpan.FromSeconds(2));
            if (number % 5 == 0)
            {
                counter.Look();
            }
        }

        Assert.Equal(TimeSpan.FromSeconds(10), counter.Lag);
        counter.Spend(TimeSpan.FromSeconds(50));
        counter.Clock.Advance(TimeSpan.FromSeconds(25));
        counter.Look();
        Assert.Equal(TimeSpan.FromSeconds(50), counter.Lag);
    }

    [Fact]
    public void Spent_ClockWentBack_StartsOver()
    {
        var counter = new Counter();
        counter.Work(TimeSpan.FromSeconds(5), _ => TimeSpan.Zero);
        counter.Spend(TimeSpan.Zero);

        counter.Clock.SetWallClock(TimeSpan.FromSeconds(-3));
        counter.Spend(TimeSpan.Zero);

        Assert.Equal(counter.Longest, counter.Lag);
    }

    // While nothing at all shows, nobody else has spent either, and still it is longer than it ever was.
    [Fact]
    public void Read_NothingShowsAfterAPause_IsLongerAtOnce()
    {
        var counter = new Counter();
        counter.Work(TimeSpan.FromSeconds(5), _ => TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromSeconds(10), counter.Lag);

        counter.Clock.Advance(TimeSpan.FromSeconds(70));
        counter.Spend(TimeSpan.FromSeconds(50));
        counter.Clock.Advance(TimeSpan.FromSeconds(21));
        counter.Look();

        Assert.Equal(TimeSpan.FromSeconds(42), counter.Lag);
    }

    [Fact]
    public void Spent_MoreThanAnyoneHas_NeverThrowsAndLearnsNothingShort()
    {
        var counter = new Counter { Cost = _ => 1_000_000_000_000_000_000_000_000_000m };

        counter.Look();
        for (var number = 0; number < 200; number++)
        {
            counter.Spend(TimeSpan.FromDays(1));
            counter.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        counter.Look();
        Assert.Equal(counter.Longest, counter.Lag);
    }

    private static async Task<List<LagWorld>> PlayAsync(int count, Func<LagStory> tell)
    {
        var worlds = new List<LagWorld>();
        while (worlds.Count < count)
        {
            worlds.Add(await LagWorld.PlayAsync(tell()));
        }

        return worlds;
    }

    private static void Report(List<LagWorld> worlds) => TestContext.Current.TestOutputHelper!.WriteLine(
        $"{worlds.Count} histories, {worlds.Sum(world => world.Granted)} granted, {worlds.Sum(world => world.Refused)} refused, "
        + $"{worlds.Count(world => world.Overspent > 0)} overspent by at most {worlds.Max(world => world.Overspent)}, "
        + $"{worlds.Count(world => world.Shortest < TimeSpan.FromSeconds(60))} learned, {worlds.Count(world => world.Shortest < TimeSpan.FromSeconds(20))} of them less than 20 s");

    private static LagStory AnyStory(Random random)
    {
        var longest = random.Next(60_000);
        var flat = random.Next(1, 10) * 1_000_000L;
        var rate = random.Next(1, 200);
        Func<Random, long>[] costs = [r => 1_000_000 + r.Next(1_000_000), _ => flat, r => flat * r.Next(1, 4), r => r.Next(10) == 0 ? 7_000_000 : flat];
        var cost = costs[random.Next(costs.Length)];
        Func<Random, long>[] others = [_ => 0, _ => 0, r => r.Next(rate) == 0 ? cost(r) : 0, _ => flat, r => r.Next(rate) == 0 ? r.Next(5_000_000) : 0];
        Func<Random, TimeSpan>[] lags =
        [
            _ => TimeSpan.FromMilliseconds(longest),
            _ => TimeSpan.FromMilliseconds(longest / 20),
            r => TimeSpan.FromMilliseconds(r.Next(longest + 1)),
            r => TimeSpan.FromMilliseconds(r.Next(10) == 0 ? longest : 500),
            Growing(longest),
        ];
        return new LagStory { Seed = random.Next(), Lag = lags[random.Next(lags.Length)], Cost = cost, Others = others[random.Next(others.Length)] };
    }

    // Short for as long as it takes to be believed, and then a busy day comes.
    private static Func<Random, TimeSpan> Growing(int longest)
    {
        var charges = 0;
        return random => TimeSpan.FromMilliseconds(++charges % 600 < 500 ? 500 : random.Next(longest + 1));
    }

    /// <summary>A counter that is looked at before each request.</summary>
    private sealed class Counter
    {
        private readonly List<(DateTimeOffset ShowsAt, decimal Cost)> _charges = [];
        private readonly BillingGuardOptions _options = new();
        private readonly LearnedLag _lag;

        public Counter() => _lag = new LearnedLag(Clock);

        public ManualTimeProvider Clock { get; } = new();

        public TimeSpan Lag => _lag.Within(_options);

        public TimeSpan Longest => _options.SettlementLag;

        public Func<int, decimal> Cost { get; init; } = number => 0.001m + (number * 0.0000001m);

        public int Digits { get; init; } = 28;

        public decimal Noise { get; init; }

        /// <summary>Twelve bursts of six requests, with long pauses between.</summary>
        public void Work(TimeSpan between, Func<int, TimeSpan> showsAfter)
        {
            for (var number = 0; number < 72; number++)
            {
                Look();
                Spend(showsAfter(number));
                Clock.Advance(number % 6 == 5 ? TimeSpan.FromSeconds(70) : between);
            }

            Look();
        }

        public void Spend(TimeSpan showsAfter)
        {
            var cost = Cost(_charges.Count);
            _charges.Add((Clock.GetUtcNow() + showsAfter, cost));
            _lag.Spent(cost);
        }

        public void Look() => _lag.Read(
            decimal.Round(_charges.Where(charge => charge.ShowsAt <= Clock.GetUtcNow()).Sum(charge => charge.Cost), Digits) + (Noise * (_charges.Count % 7)), Clock.GetUtcNow(), _options);
    }
}
