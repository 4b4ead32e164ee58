using System.Globalization;
using System.Net;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>A guard before a server whose answers do not say what they cost, and which can be asked about them.</summary>
internal sealed class ReconcilingStub : IDisposable
{
    public const string Generation = "GET generation";
    public const decimal Claim = 0.05m;
    public const decimal Cost = 0.0123m;

    // Times that no pause has, so that what bounds a call or a look into the books is told from a pause.
    private static readonly TimeSpan[] Bounds = [TimeSpan.FromMilliseconds(11_111), TimeSpan.FromMilliseconds(29_999), TimeSpan.FromMilliseconds(6_111)];

    public ReconcilingStub(Action<OpenRouterBillingOptions>? configure = null)
    {
        Guarded = new GuardedStub(
            options =>
            {
                (options.AttemptTimeout, options.TotalTimeout, options.Guard.ReadingTimeout) = (Bounds[0], Bounds[1], Bounds[2]);
                configure?.Invoke(options);
            },
            books => Books = new WitnessLedger(books));
        Guarded.Stub.On(Generation, (_, cancellationToken) => Look(cancellationToken));
        Guarded.Stub.On("POST responses", () => Guarded.Answer()).On("POST messages", () => Guarded.Answer());
    }

    public GuardedStub Guarded { get; }

    public WitnessLedger Books { get; private set; } = null!;

    public ManualTimeProvider Clock => Guarded.Clock;

    public int Looks => Guarded.Stub.Count(Generation);

    /// <summary>What the server says of every generation.</summary>
    public Func<CancellationToken, Task<HttpResponseMessage>> Look { get; set; } = _ => Task.FromResult(Found());

    public static HttpResponseMessage Found(decimal cost = Cost, string more = "") =>
        StubHandler.Json("{\"data\":{\"id\":\"gen-1\",\"total_cost\":" + cost.ToString(CultureInfo.InvariantCulture) + more + "}}");

    public static HttpResponseMessage Missing() => StubHandler.Json("""{"error":{"message":"Generation gen-1 not found","code":404}}""", HttpStatusCode.NotFound);

    /// <summary>Sends a request whose answer is this, reads so much of it, and leaves.</summary>
    public async Task LeaveAsync(string body, string contentType = "text/event-stream", int read = int.MaxValue, string? id = null, string path = "chat/completions", string? encoding = null, string key = TestData.ApiKey, string? request = null)
    {
        Guarded.Answer = () =>
        {
            var answer = GuardedClient.Answer(body, contentType);
            answer.Headers.TryAddWithoutValidation("X-Generation-Id", id is null ? [] : [id]);
            answer.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding is null ? [] : [encoding]);
            return answer;
        };
        using var message = GuardedStub.Request(key: key);
        message.RequestUri = new Uri(path, UriKind.Relative);
        message.Content = request is null ? message.Content : new StringContent(request, Encoding.UTF8, "application/json");
        using var response = await Guarded.Http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        if (read == int.MaxValue)
        {
            await stream.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        }
        else
        {
            await stream.ReadExactlyAsync(new byte[read], TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until the one open question pauses, and says for how long.</summary>
    public async Task<TimeSpan> PauseAsync()
    {
        // Two timers: the bound of the question, and the pause.
        IReadOnlyList<TimeSpan> waits = [];
        await BillingClientKit.UntilAsync(() => (waits = Clock.PendingWaits) is { Count: 2 } && !waits.Intersect(Bounds).Any(), "a pause");
        return waits[0];
    }

    /// <summary>Lets the one open question look again.</summary>
    public async Task NextLookAsync()
    {
        var pause = await PauseAsync();
        var looks = Looks;
        Clock.Advance(pause);
        await BillingClientKit.UntilAsync(() => Looks > looks, "a look");
    }

    /// <summary>Waits until no question and no bound runs any more; a bound ends a little later than what it bounded.</summary>
    public Task NothingWaitsAsync() => BillingClientKit.UntilAsync(() => Clock.PendingTimers == 0, "the last timer to go");

    public Task ReconciledAsync() => Guarded.Guard.WaitUntilReconciledAsync().WaitAsync(BillingClientKit.Patience, TestContext.Current.CancellationToken);

    public void Dispose() => Guarded.Dispose();
}
