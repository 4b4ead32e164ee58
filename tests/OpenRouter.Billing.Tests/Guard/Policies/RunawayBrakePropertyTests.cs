using FsCheck;
using FsCheck.Fluent;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Policies;

/// <summary>Whatever is sent, billed and waited for, the brake lets no more through than it says.</summary>
public sealed class RunawayBrakePropertyTests
{
    private const int Histories = 800;
    private const int Probes = 2;
    private const int MaxRepeats = 3;
    private const decimal MaxCost = 0.10m;

    private static readonly TimeSpan Break = TimeSpan.FromSeconds(30);

    public enum Move
    {
        SendLoop,
        SendOther,
        SendFresh,
        AskLoop,
        Bill,
        BillMuch,
        GiveBack,
        WaitSecond,
        WaitTen,
        WaitBreak,
        WaitLong,
    }

    [Theory]
    [InlineData(20261118)]
    [InlineData(7)]
    public void AnyHistory_WhileOnOrHalfOpen_LetsNoMoreThanTheProbesThrough(ulong seed)
    {
        var (trips, probes) = (0, 0);
        var steps = Gen.Elements(Enum.GetValues<Move>()).ArrayOf().ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Histories).WithReplay(seed, 1UL).WithStartSize(20).WithEndSize(150), Prop.ForAll(steps, history =>
        {
            var fault = FaultOf(history, ref trips, ref probes);
            return (fault is null).Label(fault ?? "no fault");
        }));

        TestContext.Current.TestOutputHelper!.WriteLine($"{trips} trips, {probes} probes");
        Assert.True(trips > Histories / 2 && probes > Histories / 8, $"{trips} trips, {probes} probes");
    }

    private static string? FaultOf(Move[] history, ref int trips, ref int probes)
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats, brake.MaxCost, brake.Probes, brake.BreakDuration) = (BrakeAction.Trip, MaxRepeats, MaxCost, Probes, Break));
        var leases = new Queue<BillingLease>();
        var (fresh, passedSinceTrip) = (1_000L, 0);
        BrakeTrip? current = null;
        foreach (var step in history)
        {
            switch (step)
            {
                case Move.SendLoop or Move.SendOther or Move.SendFresh:
                    // A trip that keeps the brake on replaces the one before it, and its probes begin anew.
                    if (world.Brake.Trips.SingleOrDefault() is var before && !ReferenceEquals(before, current))
                    {
                        (current, passedSinceTrip, trips) = (before, 0, trips + 1);
                    }

                    var lease = Reserve(world, step == Move.SendLoop ? 1 : step == Move.SendOther ? 2 : fresh++);
                    var now = world.Clock.GetUtcNow();
                    if (lease is null)
                    {
                        if (world.Brake.Trips.Count == 0)
                        {
                            return "It refused while it was off.";
                        }

                        continue;
                    }

                    leases.Enqueue(lease);
                    if (current is not null && now < current.HalfOpenAt)
                    {
                        return "It let a request through while it was on.";
                    }

                    if (current is not null && now < current.EndsAt)
                    {
                        probes++;
                        if (++passedSinceTrip > Probes)
                        {
                            return $"It let {passedSinceTrip} requests through while it was half open.";
                        }
                    }

                    break;
                case Move.AskLoop:
                    world.Guard.EvaluateAsync(Asked(1)).AsTask().GetAwaiter().GetResult();
                    break;
                case Move.Bill or Move.BillMuch when leases.TryDequeue(out var billed):
                    billed.SettleAsync(step == Move.Bill ? 0.01m : 0.07m).AsTask().GetAwaiter().GetResult();
                    break;
                case Move.GiveBack when leases.TryDequeue(out var unsent):
                    unsent.ReleaseAsync().AsTask().GetAwaiter().GetResult();
                    break;
                case Move.WaitSecond or Move.WaitTen or Move.WaitBreak or Move.WaitLong:
                    world.Clock.Advance(TimeSpan.FromSeconds(step switch { Move.WaitSecond => 1, Move.WaitTen => 10, Move.WaitBreak => 30, _ => 120 }));
                    break;
            }
        }

        return null;
    }

    private static BillableRequest Asked(long fingerprint) => new() { Model = GuardedStub.PaidModel, Fingerprint = fingerprint };

    private static BillingLease? Reserve(BrakeWorld world, long fingerprint)
    {
        try
        {
            return world.Guard.ReserveAsync(Asked(fingerprint)).AsTask().GetAwaiter().GetResult();
        }
        catch (RunawayBrakeTrippedException)
        {
            return null;
        }
    }
}
