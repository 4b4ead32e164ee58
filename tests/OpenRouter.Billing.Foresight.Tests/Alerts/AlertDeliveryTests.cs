using Microsoft.Extensions.Logging;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

public sealed class AlertDeliveryTests
{
    private readonly ManualTimeProvider _clock = new(AlertWorld.Noon);
    private readonly RecordingLogger<IBillingAlerts> _logger = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DeliverAsync_Recipients_ReachTheirSinksOnly()
    {
        var got = new List<string>();
        var delivery = Delivery(
            new SinkRoute(Sink(_ => Note(got, "all")), []),
            new SinkRoute(Sink(_ => Note(got, "finance")), ["Finance"]),
            new SinkRoute(Sink(_ => Note(got, "ops")), ["ops"]));

        await delivery.DeliverAsync(AlertWorld.Alert() with { Recipients = ["finance"] }, Token);
        Assert.Equal(["all", "finance"], got.Order());
        got.Clear();

        await delivery.DeliverAsync(AlertWorld.Alert(), Token);
        Assert.Equal(["all", "finance", "ops"], got.Order());
    }

    [Fact]
    public async Task DeliverAsync_SinkThatThrows_DisturbsNoOther()
    {
        var got = new List<string>();
        var delivery = Delivery(new SinkRoute(Sink(_ => throw new InvalidOperationException("Broken.")), []), new SinkRoute(Sink(_ => Note(got, "other")), []));

        Assert.True(await delivery.DeliverAsync(AlertWorld.Alert(), Token));

        Assert.Equal(["other"], got);
        Assert.Equal(["AlertLost"], _logger.Entries.Select(entry => entry.Event));
    }

    [Fact]
    public async Task DeliverAsync_SinkThatHeedsNothing_IsLeftBehind()
    {
        var never = new TaskCompletionSource();
        var delivering = Delivery(new SinkRoute(Sink(_ => new ValueTask(never.Task)), [])).DeliverAsync(AlertWorld.Alert(), Token);
        await _clock.WaitForTimerAsync(Token);

        _clock.Advance(TimeSpan.FromMinutes(6));

        Assert.True(await delivering.WaitAsync(BillingClientKit.Patience, Token));
        Assert.Equal(["AlertLost"], _logger.Entries.Select(entry => entry.Event));
    }

    [Fact]
    public async Task DeliverAsync_ManyThatHang_HoldNoMoreThanSixteen()
    {
        var never = new TaskCompletionSource();
        var delivery = Delivery(new SinkRoute(Sink(_ => new ValueTask(never.Task)), []));
        var hanging = Enumerable.Range(0, 16).Select(_ => delivery.DeliverAsync(AlertWorld.Alert(), Token)).ToList();

        for (var index = 0; index < 100; index++)
        {
            Assert.False(await delivery.DeliverAsync(AlertWorld.Alert(), Token));
        }

        never.SetResult();
        Assert.All(await Task.WhenAll(hanging), Assert.True);
        Assert.True(await delivery.DeliverAsync(AlertWorld.Alert(), Token));
    }

    [Theory]
    [InlineData(AlertSeverity.Info, LogLevel.Information)]
    [InlineData(AlertSeverity.Warning, LogLevel.Warning)]
    [InlineData(AlertSeverity.Urgent, LogLevel.Error)]
    public async Task SendAsync_Logger_LogsBySeverity(AlertSeverity severity, LogLevel level)
    {
        await new LoggerAlertSink(_logger).SendAsync(AlertWorld.Alert(severity), Token);

        Assert.Equal((level, "NegativeBalance: The balance is 3.00 USD, below 5.00 USD."), (_logger.Entries.Single().Level, _logger.Entries.Single().Text));
    }

    private static DelegateAlertSink Sink(Func<BillingAlert, ValueTask> send) => new((alert, _) => send(alert));

    private static ValueTask Note(List<string> got, string what)
    {
        lock (got)
        {
            got.Add(what);
        }

        return ValueTask.CompletedTask;
    }

    private AlertDelivery Delivery(params SinkRoute[] routes) => new(routes, _logger, _clock);
}
