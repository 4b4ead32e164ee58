using FsCheck;
using FsCheck.Fluent;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

public sealed class AlertBookPropertyTests
{
    private const int Walks = 2_000;

    private static readonly Arbitrary<int[]> Steps = Gen.Choose(0, 99_999).ArrayOf().ToArbitrary();

    [Theory]
    [InlineData(20261118)]
    [InlineData(1)]
    [InlineData(424242)]
    public void AnyWalk_WithProcessesThatEndAtBadMoments_IsToldOncePerThresholdAndWindow(ulong seed)
    {
        var (walks, steps) = (0, 0L);

        Check.One(Seeded(seed), Prop.ForAll(Steps, walk =>
        {
            (walks, steps) = (walks + 1, steps + walk.Length);
            return Faultless(AlertWalk.FaultOf(walk, clock => new InMemorySharedState(clock)));
        }));

        TestContext.Current.TestOutputHelper!.WriteLine($"{walks} walks, {steps} looks");
        Assert.True(walks >= Walks && steps >= 15_000, $"{walks} walks, {steps} looks");
    }

    [Theory]
    [InlineData(nameof(ForgettingState))]
    [InlineData(nameof(DeafState))]
    public void AnyWalk_OnABrokenState_IsCaughtByTheSameProperty(string fault)
    {
        var caught = Assert.ThrowsAny<Exception>(() => Check.One(Seeded(20261118), Prop.ForAll(Steps, walk =>
            Faultless(AlertWalk.FaultOf(walk, clock => fault == nameof(DeafState) ? new DeafState() : new ForgettingState(clock))))));

        Assert.StartsWith("Falsifiable", caught.Message, StringComparison.Ordinal);
    }

    private static Property Faultless(string? fault) => (fault is null).Label(fault ?? "no fault");

    private static Config Seeded(ulong seed) => Config.QuickThrowOnFailure.WithMaxTest(Walks).WithReplay(seed, 1UL).WithStartSize(5).WithEndSize(60);

    /// <summary>Says that it has written, and has not.</summary>
    private sealed class DeafState : ISharedState
    {
        public ValueTask<SharedValue?> ReadAsync(string name, CancellationToken cancellationToken = default) => ValueTask.FromResult<SharedValue?>(null);

        public ValueTask<bool> TryWriteAsync(string name, string text, long expectedVersion, TimeSpan? keepFor = null, CancellationToken cancellationToken = default) => ValueTask.FromResult(true);
    }

    /// <summary>Forgets all after a while.</summary>
    private sealed class ForgettingState(TimeProvider clock) : ISharedState
    {
        private readonly InMemorySharedState _inner = new(clock);

        public ValueTask<SharedValue?> ReadAsync(string name, CancellationToken cancellationToken = default) => _inner.ReadAsync(name, cancellationToken);

        public ValueTask<bool> TryWriteAsync(string name, string text, long expectedVersion, TimeSpan? keepFor = null, CancellationToken cancellationToken = default) =>
            _inner.TryWriteAsync(name, text, expectedVersion, TimeSpan.FromHours(1), cancellationToken);
    }
}
