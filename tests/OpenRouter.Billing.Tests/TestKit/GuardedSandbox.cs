using System.Net.Http.Headers;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>A sandbox and a guarded HTTP client on one clock.</summary>
public sealed class GuardedSandbox : IAsyncDisposable
{
    public const string ChatRoute = "POST /chat/completions";
    public const string CreditsRoute = "GET /credits";
    public const string KeyRoute = "GET /key";
    public const string PaidModel = "openai/gpt-4o-mini";
    public const string FreeModel = "meta-llama/llama-3.3-70b-instruct:free";

    private readonly HttpClient _billingHttp = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly List<HttpClient> _clients = [];

    private GuardedSandbox(OpenRouterSandbox sandbox, ManualTimeProvider clock, OpenRouterBillingOptions options)
    {
        Sandbox = sandbox;
        Clock = clock;
        Options = options;
        Ledger = new InMemoryBillingLedger(clock);
        Guard = new BillingGuard(_billingHttp, options, new() { TimeProvider = clock, Ledger = Ledger });
        Http = CreateClient(sandbox.ApiKey);
    }

    public OpenRouterSandbox Sandbox { get; }

    public ManualTimeProvider Clock { get; }

    public OpenRouterBillingOptions Options { get; }

    public InMemoryBillingLedger Ledger { get; }

    public BillingGuard Guard { get; }

    /// <summary>The guarded client, with the sandbox's ordinary key.</summary>
    public HttpClient Http { get; }

    public static async Task<GuardedSandbox> StartAsync(
        Action<OpenRouterSandboxOptions>? sandboxOptions = null,
        Action<OpenRouterBillingOptions>? options = null)
    {
        var clock = new ManualTimeProvider();
        var sandbox = await OpenRouterSandbox.StartAsync(
            configured =>
            {
                configured.TimeProvider = clock;
                sandboxOptions?.Invoke(configured);
            },
            TestContext.Current.CancellationToken);
        var billing = new OpenRouterBillingOptions { ApiKey = sandbox.ApiKey, ManagementKey = sandbox.ManagementKey, BaseAddress = sandbox.BaseAddress };
        billing.Guard.Pricing = PricingMode.Flat;
        options?.Invoke(billing);
        return new GuardedSandbox(sandbox, clock, billing);
    }

    public static string ChatBody(string model = PaidModel, int maxTokens = 16, bool stream = false, string extra = "") =>
        $$"""{"model":"{{model}}","max_tokens":{{maxTokens}},"stream":{{(stream ? "true" : "false")}}{{extra}},"messages":[{"role":"user","content":"Say hello to the newcomer."}]}""";

    /// <summary>Another guarded client, whose requests carry another key.</summary>
    public HttpClient CreateClient(string apiKey, DelegatingHandler? outer = null)
    {
        DelegatingHandler guarded = new BillingGuardHandler(Guard, Options) { InnerHandler = new SocketsHttpHandler() };
        if (outer is not null)
        {
            outer.InnerHandler = guarded;
            guarded = outer;
        }

        var http = new HttpClient(guarded) { BaseAddress = Sandbox.BaseAddress, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        _clients.Add(http);
        return http;
    }

    public Task<HttpResponseMessage> ChatAsync(string? body = null, HttpClient? http = null, CancellationToken? cancellationToken = null) =>
        (http ?? Http).PostAsync(
            new Uri("chat/completions", UriKind.Relative),
            new StringContent(body ?? ChatBody(), Encoding.UTF8, "application/json"),
            cancellationToken ?? TestContext.Current.CancellationToken);

    public int Chats => Sandbox.Requests.Count(ChatRoute);

    /// <summary>Moves the clock once no billing call is under way, which a jump would time out.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        while (Clock.PendingTimers > 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Clock.Advance(by);
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        _billingHttp.Dispose();
        await Sandbox.DisposeAsync();
    }
}
