using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard;

public sealed class WaitingLineTests
{
    [Fact]
    public async Task TryInTurn_SaidToHaveOpenedLongAgo_WaitsNoLongerThanThePatience()
    {
        var clock = new ManualTimeProvider();
        var tries = 0;

        var waiting = new WaitingLine(clock)
            .TryInTurnAsync(() => ValueTask.FromResult(++tries), _ => clock.GetUtcNow() - TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(15), TestContext.Current.CancellationToken)
            .AsTask();
        await BillingClientKit.UntilAsync(() => clock.PendingTimers > 0, "a pause");
        clock.Advance(TimeSpan.FromMilliseconds(10));

        await BillingClientKit.UntilAsync(() => waiting.IsCompleted, "the patience to end");
        Assert.Equal(2, await waiting);
    }
}
