using System.Diagnostics;
using System.Net;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>Clients over stubs, and ways to wait for what happens on a clock that stands still.</summary>
public static class BillingClientKit
{
    /// <summary>How long a test waits, by the machine's own clock, for something that should not take long.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(20);

    /// <summary>A client that asks a stub once, unless the options say otherwise.</summary>
    public static OpenRouterBillingClient Over(HttpMessageHandler handler, Action<OpenRouterBillingOptions>? configure = null, TimeProvider? clock = null) =>
        new(new HttpClient(handler), TestData.Options(options =>
        {
            options.MaxRetries = 0;
            configure?.Invoke(options);
        }), clock);

    /// <summary>A client that gets one body for everything.</summary>
    public static OpenRouterBillingClient Answering(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        Over(new StubHandler().OnAny(() => StubHandler.Json(body, status)));

    public static StubHandler OnAny(this StubHandler stub, Func<HttpResponseMessage> answer) =>
        stub.On("GET key", answer).On("GET credits", answer).On("GET activity", answer).On("GET generation", answer).On("GET analytics/meta", answer).On("POST analytics/query", answer);

    /// <summary>Waits until a condition holds, which the clock under test does not bring about.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Patience, $"In vain waited for {what}.");
            await Task.Yield();
        }
    }

    /// <summary>Waits until a call pauses between two attempts, and says for how long it means to.</summary>
    public static async Task<TimeSpan> PauseOfAsync(ManualTimeProvider clock, TimeSpan attemptTimeout, Task call)
    {
        // Two timers wait: the bound of the call, and either the pause or the bound of an attempt that has just begun.
        IReadOnlyList<TimeSpan> waits = [];
        await UntilAsync(() => call.IsCompleted || ((waits = clock.PendingWaits).Count == 2 && !waits.Contains(attemptTimeout)), "a pause");
        Assert.False(call.IsCompleted, "The call ended where it should have paused.");
        return waits[0];
    }
}
