using FsCheck;
using FsCheck.Fluent;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight.Tests.Reload;

/// <summary>Whatever fails and whoever comes between, the hook is called no more often than the app allows.</summary>
public sealed class ReloadPropertyTests
{
    private const int Histories = 1_500;

    public enum Happening
    {
        Run,
        RunAgain,
        RunWithRival,
        RunAndFailBeforeWriting,
        RunAndFailAfterWriting,
        RunAndFailInTheHook,
        WaitMinutes,
        WaitAnHour,
        WaitSixHours,
        SetTheClockBack,
    }

    [Theory]
    [InlineData(20261118)]
    [InlineData(5)]
    public void AnyHistory_OfSeveralProcesses_CallsOncePerCooldownAndAsOftenPerDayAsAllowed(ulong seed)
    {
        var (calls, rivals) = (0, 0);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Histories).WithReplay(seed, 1UL).WithStartSize(10).WithEndSize(60), Prop.ForAll(
            Gen.Elements(Enum.GetValues<Happening>()).ArrayOf().ToArbitrary(),
            history =>
            {
                var fault = FaultOf(history, ref calls, ref rivals);
                return (fault is null).Label(fault ?? "no fault");
            }));

        TestContext.Current.TestOutputHelper!.WriteLine($"{calls} calls, {rivals} rivals");
        Assert.True(calls > Histories && rivals > 100, $"{calls} calls, {rivals} rivals");
    }

    private static string? FaultOf(Happening[] history, ref int calls, ref int rivals)
    {
        Happening? spoiling = null;
        ReloadWorld? world = null;
        var rivalsHere = 0;
        world = new ReloadWorld(state => new SpoiledState(state)
        {
            BeforeWrite = () =>
            {
                if (spoiling == Happening.RunAndFailBeforeWriting)
                {
                    throw new TimeoutException("before");
                }

                if (spoiling == Happening.RunWithRival)
                {
                    spoiling = null;
                    rivalsHere++;
                    world!.Process().RunOnceAsync().GetAwaiter().GetResult();
                }
            },
            AfterWrite = () =>
            {
                if (spoiling == Happening.RunAndFailAfterWriting)
                {
                    throw new TimeoutException("after");
                }
            },
        });
        using (world)
        {
            var steady = new List<long>();
            world.Hook = (_, _) =>
            {
                steady.Add(world.Account.Clock.GetTimestamp());
                return spoiling == Happening.RunAndFailInTheHook ? throw new InvalidOperationException("hook") : ValueTask.FromResult(new ReloadAnswer());
            };
            foreach (var happens in history)
            {
                Play(world, happens, ref spoiling);
            }

            calls += world.Calls.Count;
            rivals += rivalsHere;
            return steady.Zip(steady.Skip(1)).Any(pair => TimeSpan.FromTicks(pair.Second - pair.First) < world.Options.Cooldown) ? "It called twice within the cooldown."
                : world.Calls.GroupBy(call => call.At.UtcDateTime.Date).Any(day => day.Count() > world.Options.MaxPerDay) ? "It called too often in a day."
                : world.Calls.DistinctBy(call => call.Request.Id).Count() != world.Calls.Count ? "It called twice with one id."
                : null;
        }
    }

    private static void Play(ReloadWorld world, Happening happens, ref Happening? spoiling)
    {
        switch (happens)
        {
            case Happening.WaitMinutes:
                world.Account.Clock.Advance(TimeSpan.FromMinutes(17));
                break;
            case Happening.WaitAnHour:
                world.Account.Clock.Advance(TimeSpan.FromHours(1));
                break;
            case Happening.WaitSixHours:
                world.Account.Clock.Advance(TimeSpan.FromHours(6));
                break;
            case Happening.SetTheClockBack:
                world.Account.Clock.SetWallClock(TimeSpan.FromMinutes(-3));
                break;
            default:
                spoiling = happens;
                try
                {
                    world.Process().RunOnceAsync().GetAwaiter().GetResult();
                }
                catch (TimeoutException)
                {
                    // The state failed, as it was told to.
                }

                spoiling = null;
                break;
        }
    }
}
