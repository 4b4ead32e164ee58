using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>A server in memory, a guard that has just read its account and prices, and clients with the guard and without.</summary>
internal sealed class Guarded : IDisposable
{
    private readonly LoopbackServer? _loopback;
    private readonly HttpMessageInvoker? _network;
    private readonly AccountServer _server;
    private readonly HttpClient _billing;
    private readonly OpenRouterBillingOptions _options = new() { ApiKey = Inputs.ApiKey, ManagementKey = Inputs.ManagementKey };

    public Guarded(byte[] answer, string contentType = "application/json", decimal credits = 1_000_000_000, bool overLoopback = false, Action<OpenRouterBillingOptions>? configure = null)
    {
        configure?.Invoke(_options);
        if (overLoopback)
        {
            _loopback = new LoopbackServer(answer, contentType);
            _network = new HttpMessageInvoker(new SocketsHttpHandler());
            _options.BaseAddress = _loopback.Address;
        }

        _server = new AccountServer(answer, contentType, credits, _network);
        _billing = _server.CreateClient();
        Guard = new BillingGuard(_billing, _options);
        Without = _server.CreateClient();
        With = _server.CreateClient(inner => new BillingGuardHandler(Guard, _options) { InnerHandler = inner });
        Naive = _server.CreateClient(inner => new NaiveGuardHandler(credits) { InnerHandler = inner });
        Asking = _server.CreateClient(inner => new AskingGuardHandler(_billing, _options.BaseAddress) { InnerHandler = inner });
        Guard.EvaluateAsync(new BillableRequest { Model = "openai/gpt-4o-mini", Prompt = PromptSize.Of("hello") }).AsTask().GetAwaiter().GetResult();
    }

    public BillingGuard Guard { get; }

    public HttpClient Without { get; }

    public HttpClient With { get; }

    public HttpClient Naive { get; }

    public HttpClient Asking { get; }

    public HttpRequestMessage Request(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return new HttpRequestMessage(HttpMethod.Post, new Uri(_options.BaseAddress, "chat/completions")) { Content = content };
    }

    public void Dispose()
    {
        Without.Dispose();
        With.Dispose();
        Naive.Dispose();
        Asking.Dispose();
        _billing.Dispose();
        _server.Dispose();
        _network?.Dispose();
        _loopback?.Dispose();
    }
}
