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
        ];
        return new LagStory { Seed = random.Next(), Lag = lags[random.Next(lags.Length)], Cost = cost, Others = others[random.Next(others.Length)] };
    }
}
