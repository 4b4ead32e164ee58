using System.Net;
using System.Net.Http.Headers;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>A guarded client before a server that answers every chat as told, on a clock that stands still.</summary>
public sealed class GuardedStub : IDisposable
{
    public const string Chat = "POST chat/completions";
    public const string Prompt = "canary-prompt-4711";
    public const string OtherKey = "sk-or-v1-3333333333333333333333333333333333333333333333333333333333333333";
    public const string FreeModel = "some/model:free";
    public const string PaidModel = "some/model";

    private readonly HttpClient _billing;

    /// <param name="configure">Changes the options.</param>
    /// <param name="over">Puts something between the guard and its books.</param>
    public GuardedStub(Action<OpenRouterBillingOptions>? configure = null, Func<IBillingLedger, IBillingLedger>? over = null)
    {
        Options = TestData.Options(options =>
        {
            options.MaxRetries = 0;
            configure?.Invoke(options);
        });
        Stub = new StubHandler()
            .On("GET key", () => StubHandler.Json(KeyBody))
            .On("GET credits", () => StubHandler.Json(CreditsBody))
            .On(Chat, () => Answer());
        _billing = new HttpClient(Stub, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        Ledger = new InMemoryBillingLedger(Clock);
        Guard = new BillingGuard(_billing, Options, new() { Ledger = over?.Invoke(Ledger) ?? Ledger, TimeProvider = Clock, Logger = Log });
        Http = new HttpClient(new BillingGuardHandler(Guard, Options, timeProvider: Clock) { InnerHandler = Stub }) { BaseAddress = Options.BaseAddress, Timeout = Timeout.InfiniteTimeSpan };
    }

    public ManualTimeProvider Clock { get; } = new(FailureCases.Now);

    public RecordingLogger<BillingGuard> Log { get; } = new();

    public OpenRouterBillingOptions Options { get; }

    public StubHandler Stub { get; }

    public InMemoryBillingLedger Ledger { get; }

    public BillingGuard Guard { get; }

    public HttpClient Http { get; }

    public string KeyBody { get; set; } = TestData.KeyBody;

    public string CreditsBody { get; set; } = TestData.CreditsBody;

    public Func<HttpResponseMessage> Answer { get; set; } = Success;

    public int Chats => Stub.Count(Chat);

    public static HttpResponseMessage Success() => StubHandler.Json("""{"choices":[{"message":{"content":"hello"}}],"usage":{"cost":0.001}}""");

    public static HttpResponseMessage Refusal(FailureCase failure)
    {
        var response = StubHandler.Json(failure.Body, (HttpStatusCode)failure.Status);
        foreach (var (name, value) in failure.Headers ?? [])
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    public static FailureCase Case(string name) => FailureCases.All.Single(failure => failure.Name == name);

    public void AnswerWith(string name) => Answer = () => Refusal(Case(name));

    public Task<HttpResponseMessage> ChatAsync(string model = PaidModel, string key = TestData.ApiKey, HttpClient? http = null) =>
        (http ?? Http).SendAsync(Request(model, key), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

    public static HttpRequestMessage Request(string model = PaidModel, string key = TestData.ApiKey) =>
        new(HttpMethod.Post, new Uri("chat/completions", UriKind.Relative))
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
            Content = new StringContent($$"""{"model":"{{model}}","messages":[{"role":"user","content":"{{Prompt}}"}]}""", Encoding.UTF8, "application/json"),
        };

    /// <summary>Sends a chat that gets through, and says how many are refused without being sent.</summary>
    public async Task PassesAsync(string model = PaidModel, string key = TestData.ApiKey)
    {
        var before = Chats;
        (await ChatAsync(model, key)).Dispose();
        Assert.Equal(before + 1, Chats);
    }

    /// <summary>Sends a chat that is refused here, by what OpenRouter had said.</summary>
    public async Task<T> IsRefusedHereAsync<T>(string model = PaidModel, string key = TestData.ApiKey)
        where T : BillingGuardException
    {
        var before = Chats;
        var refusal = await Assert.ThrowsAsync<T>(() => ChatAsync(model, key));
        Assert.Equal(before, Chats);
        Assert.Null(refusal.Response);
        Assert.Contains("Nothing was sent.", refusal.Message, StringComparison.Ordinal);
        return refusal;
    }

    /// <summary>Lets one chat be refused by the server, which then answers well again.</summary>
    public async Task<T> IsRefusedThereAsync<T>(string name, string model = PaidModel, string key = TestData.ApiKey)
        where T : BillingGuardException
    {
        AnswerWith(name);
        var before = Chats;
        var refusal = await Assert.ThrowsAsync<T>(() => ChatAsync(model, key));
        Assert.Equal(before + 1, Chats);
        Answer = Success;
        return refusal;
    }

    /// <summary>Moves the clock once no billing call is under way, which a jump would time out.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        await BillingClientKit.UntilAsync(() => Clock.PendingTimers == 0, "the billing calls to end");
        Clock.Advance(by);
    }

    public void Dispose()
    {
        Http.Dispose();
        _billing.Dispose();
        Stub.Dispose();
    }
}
