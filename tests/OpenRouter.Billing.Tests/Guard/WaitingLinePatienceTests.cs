using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>What becomes of those who wait behind somebody who does not come back.</summary>
public sealed class WaitingLinePatienceTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly TaskCompletionSource<int> _head = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryInTurnAsync_PatienceEndsInLine_IsNothingAndTheLineGoesOn()
    {
        var line = new WaitingLine(_clock);
        var first = line.TryInTurnAsync(() => new ValueTask<int>(_head.Task), _ => null, TimeSpan.FromMinutes(5), Cancellation);
        var second = line.TryInTurnAsync(() => ValueTask.FromResult(2), _ => null, TimeSpan.FromSeconds(30), Cancellation).AsTask();

        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(second.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await second.WaitAsync(BillingClientKit.Patience, Cancellation));
        _head.SetResult(1);
        Assert.Equal(1, await first);
        Assert.Equal(3, await line.TryInTurnAsync(() => ValueTask.FromResult(3), _ => null, TimeSpan.FromSeconds(30), Cancellation));
    }

    [Fact]
    public async Task TryInTurnAsync_CallerLeavesTheLine_IsCancelledAndNobodyElse()
    {
        var line = new WaitingLine(_clock);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var first = line.TryInTurnAsync(() => new ValueTask<int>(_head.Task), _ => null, TimeSpan.FromMinutes(5), Cancellation);
        var second = line.TryInTurnAsync(() => ValueTask.FromResult(2), _ => null, TimeSpan.FromMinutes(5), leaving.Token).AsTask();
        var third = line.TryInTurnAsync(() => ValueTask.FromResult(3), _ => null, TimeSpan.FromMinutes(5), Cancellation);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        _head.SetResult(1);
        Assert.Equal((1, 3), (await first, await third));
    }
}
