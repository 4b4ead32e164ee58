using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Settlement;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>The guard among other handlers, other guards, and callers that block.</summary>
public sealed class BillingGuardHandlerChainTests
{
    private const string Chat = "POST chat/completions";
    private const string Elsewhere = "https://eu.openrouter.ai/api/v1/chat/completions";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendAsync_TwoGuardsOfTwoAccounts_BothHold()
    {
        var (outer, inner) = (new LeasingGuard(), new LeasingGuard());
        using var http = Chain(new StubHandler().On(Chat, Bodies.Chat), outer, inner, outer, inner);

        (await SendAsync(http)).Dispose();

        Assert.Equal((1, 1), (outer.Asked.Count, inner.Asked.Count));
        Assert.Equal((Bodies.ChatCost, 0), outer.Money);
        Assert.Equal((Bodies.ChatCost, 0), inner.Money);
    }

    [Fact]
    public async Task SendAsync_InnerGuardOfAnEmptyAccount_SendsNothing()
    {
        var outer = new LeasingGuard();
        using var server = new StubHandler().On("GET key", TestData.KeyBody).On("GET credits", """{"data":{"total_credits":1,"total_usage":1}}""").On(Chat, Bodies.Chat);
        using var billing = new HttpClient(server, disposeHandler: false);
        var inner = new BillingGuard(billing, TestData.Options(), new() { TimeProvider = new ManualTimeProvider() });
        using var http = Chain(server, outer, inner);

        await Assert.ThrowsAsync<InsufficientCreditsException>(() => SendAsync(http));

        Assert.Equal(0, server.Count(Chat));
        Assert.Single(outer.Asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendAsync_ConnectionFailsBehindARetryHandler_IsBookedInFull(bool synchronous)
    {
        var guard = new LeasingGuard();
        var served = 0;
        var server = new StubHandler().On(Chat, (_, _) => throw (++served == 1
            ? new HttpRequestException(HttpRequestError.ResponseEnded, "Served, perhaps, and cut off.")
            : new HttpRequestException(HttpRequestError.ConnectionError, "Gone.")));
        using var http = new HttpClient(new BillingGuardHandler(guard, TestData.Options()) { InnerHandler = new RetryOnce { InnerHandler = server } });

        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(http, synchronous));

        Assert.Equal(HttpRequestError.ConnectionError, fault.HttpRequestError);
        Assert.Equal((LeasingGuard.ClaimedNanoDollars, 0), guard.Money);
        Assert.Equal((1, 0), guard.Requests);
    }

    [Fact]
    public async Task SendAsync_ConnectionFailsBehindTheFactorysOwnHandlers_GivesEverythingBack()
    {
        var guard = new LeasingGuard();
        var services = new ServiceCollection().AddLogging();
        services.AddHttpClient("chat")
            .AddHttpMessageHandler(() => new BillingGuardHandler(guard, TestData.Options()))
            .ConfigurePrimaryHttpMessageHandler(() => new StubHandler().On(Chat, (_, _) => throw new HttpRequestException(HttpRequestError.ConnectionError, "Nobody is there.")));
        await using var provider = services.BuildServiceProvider();
        using var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("chat");

        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(http));

        Assert.Single(guard.Asked);
        Assert.Equal((0, 0), guard.Money);
        Assert.Equal((0, 0), guard.Requests);
    }

    [Fact]
    public async Task SendAsync_InferenceAtAnotherHost_PassesAndIsWarnedAboutOnce()
    {
        var guard = new LeasingGuard();
        var logger = new RecordingLogger<BillingGuardHandler>();
        using var http = new HttpClient(new BillingGuardHandler(guard, TestData.Options(), logger)
        {
            InnerHandler = new StubHandler().On(Chat, Bodies.Chat).On("POST keys", "{}").On("GET chat/completions", "{}"),
        });

        using (var noInference = new HttpRequestMessage(HttpMethod.Post, "https://eu.openrouter.ai/api/v1/keys"))
        using (var noPost = new HttpRequestMessage(HttpMethod.Get, Elsewhere))
        {
            (await http.SendAsync(noInference, Cancellation)).Dispose();
            (await http.SendAsync(noPost, Cancellation)).Dispose();
        }

        (await SendAsync(http)).Dispose();
        Assert.Empty(logger.Entries);
        for (var sent = 0; sent < 3; sent++)
        {
            (await SendAsync(http, address: Elsewhere)).Dispose();
        }

        var entry = Assert.Single(logger.Entries);
        Assert.Equal((LogLevel.Warning, "PassedUnguarded"), (entry.Level, entry.Event));
        Assert.Contains("eu.openrouter.ai", entry.Text, StringComparison.Ordinal);
        Assert.Contains("https://openrouter.ai/api/v1/", entry.Text, StringComparison.Ordinal);
        Assert.Single(guard.Asked);
    }

    [Fact]
    public void Send_OnAContextThatRunsNothingElse_DoesNotWaitForIt()
    {
        var guard = new LeasingGuard();
        using var http = new HttpClient(new BillingGuardHandler(guard, TestData.Options()) { InnerHandler = new StubHandler().On(Chat, Bodies.Chat) });
        using var request = new HttpRequestMessage(HttpMethod.Post, GuardedClient.ChatAddress) { Content = new YieldingContent() };
        HttpResponseMessage? response = null;
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new BusyContext());
            response = http.Send(request, CancellationToken.None);
        })
        { IsBackground = true };

        thread.Start();

        Assert.True(thread.Join(BillingClientKit.Patience), "The thread waits for itself.");
        Assert.Equal(HttpStatusCode.OK, response?.StatusCode);
        Assert.Equal("openai/gpt-4o-mini", Assert.Single(guard.Asked).Model);
        response?.Dispose();
    }

    private static HttpClient Chain(HttpMessageHandler server, params ReadOnlySpan<IBillingGuard> guards)
    {
        var chain = server;
        for (var index = guards.Length - 1; index >= 0; index--)
        {
            chain = new BillingGuardHandler(guards[index], TestData.Options()) { InnerHandler = chain };
        }

        return new HttpClient(chain);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, bool synchronous = false, string address = GuardedClient.ChatAddress)
    {
        using var request = GuardedClient.Chat();
        request.RequestUri = new Uri(address);
        return synchronous ? http.Send(request, Cancellation) : await http.SendAsync(request, Cancellation);
    }

    private sealed class RetryOnce : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException)
            {
                return await base.SendAsync(request, cancellationToken);
            }
        }

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return base.Send(request, cancellationToken);
            }
            catch (HttpRequestException)
            {
                return base.Send(request, cancellationToken);
            }
        }
    }

    /// <summary>The context of a thread that is busy for good: what is posted to it never runs.</summary>
    private sealed class BusyContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }

    /// <summary>A content that goes back to its caller's context while it is read.</summary>
    private sealed class YieldingContent : HttpContent
    {
        private static readonly byte[] Body = Encoding.UTF8.GetBytes(GuardedClient.PlainRequest);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await Task.Yield();
            await stream.WriteAsync(Body);
        }

        protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken) => stream.Write(Body);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
