using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Extensions.AI.Tests;

/// <summary>The ways in which a chat can reach the guard.</summary>
public enum WayIn
{
    /// <summary>A guarded HTTP client, and nothing above it.</summary>
    Handler,

    /// <summary>A guarded chat client, and an HTTP client that nobody guards.</summary>
    ChatClient,

    /// <summary>Both, by the same guard.</summary>
    Both,

    /// <summary>The OpenAI library as a guarded chat client.</summary>
    OpenAI,

    /// <summary>The OpenAI library as a guarded chat client over a guarded HTTP client.</summary>
    OpenAIOverHandler,
}

/// <summary>A sandbox, one guard, and a chat client for each way in.</summary>
public sealed class ChatWorld : IAsyncDisposable
{
    public const string PaidModel = "openai/gpt-4o-mini";
    public const string FreeModel = "meta-llama/llama-3.3-70b-instruct:free";
    public const string ChatRoute = "POST /chat/completions";
    public const string Prompt = "Say hello to the newcomer, größer als sonst.";

    private readonly HttpClient _billing = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly List<IDisposable> _owned = [];
    private readonly ManualTimeProvider _clock;

    private ChatWorld(OpenRouterSandbox sandbox, ManualTimeProvider clock, OpenRouterBillingOptions options)
    {
        (Sandbox, _clock, Options) = (sandbox, clock, options);
        Guard = new CountedGuard(new BillingGuard(_billing, options, new() { TimeProvider = clock }));
    }

    public OpenRouterSandbox Sandbox { get; }

    public OpenRouterBillingOptions Options { get; }

    public CountedGuard Guard { get; }

    public int Chats => Sandbox.Requests.Count(ChatRoute);

    public static async Task<ChatWorld> StartAsync(Action<OpenRouterSandboxOptions>? sandbox = null, Action<OpenRouterBillingOptions>? options = null)
    {
        var clock = new ManualTimeProvider();
        var started = await OpenRouterSandbox.StartAsync(configured =>
        {
            configured.TimeProvider = clock;
            sandbox?.Invoke(configured);
        }, TestContext.Current.CancellationToken);
        var billing = new OpenRouterBillingOptions { ApiKey = started.ApiKey, ManagementKey = started.ManagementKey, BaseAddress = started.BaseAddress };
        options?.Invoke(billing);
        return new ChatWorld(started, clock, billing);
    }

    public IChatClient Client(WayIn way, string model = PaidModel)
    {
        var isGuardedBelow = way is WayIn.Handler or WayIn.Both or WayIn.OpenAIOverHandler;
        HttpMessageHandler network = new SocketsHttpHandler();
        var http = new HttpClient(isGuardedBelow ? new BillingGuardHandler(Guard, Options, timeProvider: _clock) { InnerHandler = network } : network) { BaseAddress = Sandbox.BaseAddress, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Sandbox.ApiKey);
        _owned.Add(http);
        IChatClient inner = way is WayIn.OpenAI or WayIn.OpenAIOverHandler ? OpenAIClient(http, model) : new PlainChatClient(http, model);
        return way == WayIn.Handler ? inner : inner.UseOpenRouterBillingGuard(Guard, options =>
        {
            options.WriteRaw = way == WayIn.OpenAI ? WriteRaw : null;
            options.ReadFailure = ReadFailure;
        });
    }

    public static ChatOptions Ask(int maxTokens = 16) => new() { MaxOutputTokens = maxTokens };

    public async Task<ChatResponse> SendAsync(WayIn way, string model = PaidModel, int maxTokens = 16) =>
        await Client(way, model).GetResponseAsync(Prompt, Ask(maxTokens), TestContext.Current.CancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(WayIn way, string model = PaidModel, int maxTokens = 16)
    {
        await foreach (var update in Client(way, model).GetStreamingResponseAsync(Prompt, Ask(maxTokens), TestContext.Current.CancellationToken))
        {
            yield return update;
        }
    }

    /// <summary>Holds that the ledger has the server's bill to the last digit, and that nothing is held any more.</summary>
    public async Task IsBookedAsync(decimal? cost = null)
    {
        var balance = await BalanceAsync();
        Assert.Equal((cost ?? Sandbox.Account.TotalUsage, 0m), (balance.Used, balance.Held));
    }

    public async Task<LimitReading> BalanceAsync()
    {
        var decision = await Guard.EvaluateAsync(new BillableRequest { Model = PaidModel }, TestContext.Current.CancellationToken);
        return decision.Limits.Single(limit => limit.Cause == BillingCause.AccountCredits);
    }

    /// <summary>Moves the clock in the steps of what waits for it, until nothing is held any more.</summary>
    public async Task UntilNothingIsHeldAsync()
    {
        while ((await BalanceAsync()).Held > 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            if (_clock.PendingWaits is [var next, ..])
            {
                _clock.Advance(next < TimeSpan.FromSeconds(10) ? next : TimeSpan.Zero);
            }

            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _owned.ForEach(owned => owned.Dispose());
        _billing.Dispose();
        await Sandbox.DisposeAsync();
    }

    private IChatClient OpenAIClient(HttpClient http, string model) => new ChatClient(model, new ApiKeyCredential(Sandbox.ApiKey), new OpenAIClientOptions
    {
        Endpoint = Sandbox.BaseAddress,
        Transport = new HttpClientPipelineTransport(http),
        RetryPolicy = new ClientRetryPolicy(0),
    }).AsIChatClient();

    private static ReadOnlyMemory<byte> WriteRaw(object raw) => raw switch
    {
        ChatCompletion answer => ModelReaderWriter.Write(answer).ToMemory(),
        StreamingChatCompletionUpdate update => ModelReaderWriter.Write(update).ToMemory(),
        _ => default,
    };

    private static BillingGuardChatFailure? ReadFailure(Exception exception) => exception switch
    {
        PlainChatException failure => new(failure.Status, failure.Body),
        ClientResultException { Status: > 0 } failure => new((System.Net.HttpStatusCode)failure.Status, failure.GetRawResponse()?.Content.ToMemory() ?? default),
        _ => null,
    };
}
