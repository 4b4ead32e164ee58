using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using OpenAI;
using OpenAI.Chat;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Clients;

/// <summary>OpenAI's own library over a guarded client, with the retries that it makes by default.</summary>
public sealed class OpenAIClientTests
{
    // The library sends a request up to four times.
    private const int Attempts = 4;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CompleteChat_Answered_BooksExactlyWhatTheServerBilled(bool synchronous)
    {
        await using var world = await World.StartAsync();

        var answer = await world.CompleteAsync(synchronous: synchronous);

        Assert.Equal(64, answer.Content[0].Text.Length);
        Assert.Equal((1, 1), (world.Guard.Asked, world.Chats));
        await world.IsBookedAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CompleteChatStreaming_Answered_BringsEveryChunkAndBooksExactly(bool synchronous)
    {
        await using var world = await World.StartAsync();
        var text = new StringBuilder();
        var chunks = 0;

        await foreach (var update in world.StreamAsync(synchronous))
        {
            chunks += update.ContentUpdate.Count > 0 && update.ContentUpdate[0].Text.Length > 0 ? 1 : 0;
            text.AppendJoin(string.Empty, update.ContentUpdate.Select(part => part.Text));
        }

        Assert.Equal((4, 64), (chunks, text.Length));
        Assert.Equal((1, 1), (world.Guard.Asked, world.Chats));
        await world.IsBookedAsync();
    }

    [Fact]
    public async Task CompleteChatStreaming_ServerHoldsBackTheRest_TheFirstChunkIsThere()
    {
        await using var world = await World.StartAsync();
        world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.ChunkDelay(TimeSpan.FromSeconds(1)));

        await using var updates = world.StreamAsync().GetAsyncEnumerator(Cancellation);
        Assert.True(await updates.MoveNextAsync());

        Assert.Equal(16, updates.Current.ContentUpdate[0].Text.Length);
        Assert.Equal(0, world.Sandbox.Account.TotalUsage);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task CompleteChat_RefusedByTheGuard_IsThrownAsItIsAndNeitherSentNorRepeated(bool stream, bool synchronous)
    {
        await using var world = await World.StartAsync(sandbox => sandbox.InitialCredits = 0.01m);

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(() => stream ? world.DrainAsync(synchronous) : world.CompleteAsync(synchronous: synchronous));

        Assert.Equal((0.04m, BillingVerdictOrigin.Predicted), (refusal.Shortfall, refusal.Verdict.Origin));
        Assert.Equal((1, 0), (world.Guard.Asked, world.Chats));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CompleteChat_BalanceGoneMeanwhile_TheServersRefusalIsThrownOnce(bool stream)
    {
        await using var world = await World.StartAsync();
        await world.CompleteAsync();
        world.Sandbox.Account.Charge(world.Sandbox.Account.Balance + 1);

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(() => stream ? world.DrainAsync() : world.CompleteAsync());

        Assert.Equal(BillingVerdictOrigin.Answered, refusal.Verdict.Origin);
        Assert.Equal((2, 2), (world.Guard.Asked, world.Chats));
    }

    [Fact]
    public async Task CompleteChat_FreeDayUsedUpElsewhere_TheServersRefusalIsThrownOnce()
    {
        await using var world = await World.StartAsync();
        await world.CompleteAsync(GuardedSandbox.FreeModel);
        world.Sandbox.Account.SetFreeRequestsToday(1000);

        var refusal = await Assert.ThrowsAsync<FreeModelQuotaExceededException>(() => world.CompleteAsync(GuardedSandbox.FreeModel));

        Assert.Equal((BillingVerdictOrigin.Answered, 1000L), (refusal.Verdict.Origin, refusal.Limit));
        Assert.Equal((2, 2), (world.Guard.Asked, world.Chats));
    }

    [Fact]
    public async Task CompleteChat_ServersRefusalIsLeftToTheCaller_IsTheLibrarysOwnException()
    {
        await using var world = await World.StartAsync(options: options => options.Guard.ThrowOnServerRefusal = false);
        await world.CompleteAsync();
        world.Sandbox.Account.Charge(world.Sandbox.Account.Balance + 1);

        var refusal = await Assert.ThrowsAsync<ClientResultException>(() => world.CompleteAsync());

        Assert.Equal(402, refusal.Status);
        Assert.Equal((2, 2), (world.Guard.Asked, world.Chats));
    }

    // The library repeats every 429. The guard has learned from the first one by then, so the second is not sent.
    [Fact]
    public async Task CompleteChat_FreeDayIsOverAndLeftToTheCaller_TheRepetitionIsNotSent()
    {
        await using var world = await World.StartAsync(options: options => options.Guard.ThrowOnServerRefusal = false);
        await world.CompleteAsync(GuardedSandbox.FreeModel);
        world.Sandbox.Account.SetFreeRequestsToday(1000);

        var refusal = await Assert.ThrowsAsync<FreeModelQuotaExceededException>(() => world.CompleteAsync(GuardedSandbox.FreeModel));

        Assert.Equal(BillingVerdictOrigin.Remembered, refusal.Verdict.Origin);
        Assert.Equal((3, 2), (world.Guard.Asked, world.Chats));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CompleteChat_ProviderFailsTwice_EachAttemptIsAskedForAndTheAnswerBooked(bool stream)
    {
        await using var world = await World.StartAsync();
        world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Answer(502, """{"error":{"code":502,"message":"Provider returned error"}}"""), times: 2);

        await (stream ? world.DrainAsync() : world.CompleteAsync());

        Assert.Equal((3, 3), (world.Guard.Asked, world.Chats));
        await world.IsBookedAsync();
    }

    // What ends a repetition is thrown by the library together with what made it repeat.
    [Fact]
    public async Task CompleteChat_MoneyForOneAttemptOnly_TheRepetitionOfALostAnswerIsRefusedInsideAnAggregate()
    {
        await using var world = await World.StartAsync(sandbox => sandbox.InitialCredits = 0.08m);
        world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Disconnect(billed: true));

        var failure = await Assert.ThrowsAsync<AggregateException>(() => world.CompleteAsync());

        Assert.Equal([typeof(ClientResultException), typeof(InsufficientCreditsException)], failure.InnerExceptions.Select(inner => inner.GetType()));
        Assert.Equal((2, 1), (world.Guard.Asked, world.Chats));
    }

    [Fact]
    public async Task CompleteChat_RepeatsSwitchedOff_ALostAnswerIsNotBoughtTwice()
    {
        await using var world = await World.StartAsync();
        world.RetryPolicy = new ClientRetryPolicy(0);
        world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Disconnect(billed: true));

        await Assert.ThrowsAsync<ClientResultException>(() => world.CompleteAsync());

        Assert.Equal((1, 1), (world.Guard.Asked, world.Chats));
    }

    [Fact]
    public async Task CompleteChat_ProviderFailsForGood_EndsAsTheLibrarysOwnExceptionAndHoldsNothing()
    {
        await using var world = await World.StartAsync();
        world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Answer(503, """{"error":{"code":503,"message":"Overloaded"}}"""));

        var failure = await Assert.ThrowsAsync<ClientResultException>(() => world.CompleteAsync());

        Assert.Equal(503, failure.Status);
        Assert.Equal((Attempts, Attempts), (world.Guard.Asked, world.Chats));
        await world.IsBookedAsync(least: 0);
    }

    private sealed class World : IAsyncDisposable
    {
        private static readonly ChatMessage[] Messages = [new UserChatMessage("Say hello to the newcomer.")];
        private static readonly ChatCompletionOptions Options = new() { MaxOutputTokenCount = 16 };

        private readonly GuardedSandbox _sandbox;
        private readonly HttpClient _http;

        private World(GuardedSandbox sandbox)
        {
            _sandbox = sandbox;
            Guard = new CountingGuard(sandbox.Guard);
            _http = new HttpClient(new BillingGuardHandler(Guard, sandbox.Options) { InnerHandler = new SocketsHttpHandler() });
        }

        public CountingGuard Guard { get; }

        public ClientRetryPolicy RetryPolicy { get; set; } = new UnhurriedRetryPolicy();

        public OpenRouterSandbox Sandbox => _sandbox.Sandbox;

        public int Chats => _sandbox.Chats;

        public static async Task<World> StartAsync(Action<OpenRouterSandboxOptions>? sandbox = null, Action<OpenRouterBillingOptions>? options = null) =>
            new(await GuardedSandbox.StartAsync(sandbox, options));

        public async Task<ChatCompletion> CompleteAsync(string model = GuardedSandbox.PaidModel, bool synchronous = false) => synchronous
            ? await Task.Run(() => ClientFor(model).CompleteChat(Messages, Options, Cancellation).Value)
            : (await ClientFor(model).CompleteChatAsync(Messages, Options, Cancellation)).Value;

        public async IAsyncEnumerable<StreamingChatCompletionUpdate> StreamAsync(bool synchronous = false)
        {
            if (!synchronous)
            {
                await foreach (var update in ClientFor(GuardedSandbox.PaidModel).CompleteChatStreamingAsync(Messages, Options, Cancellation))
                {
                    yield return update;
                }

                yield break;
            }

            foreach (var update in ClientFor(GuardedSandbox.PaidModel).CompleteChatStreaming(Messages, Options, Cancellation))
            {
                yield return update;
            }
        }

        public async Task DrainAsync(bool synchronous = false)
        {
            await foreach (var _ in StreamAsync(synchronous))
            {
            }
        }

        /// <summary>Holds that the ledger has the server's bill to the last digit, and that nothing is held any more.</summary>
        public async Task IsBookedAsync(decimal least = 0.000_000_001m)
        {
            var decision = await _sandbox.Guard.EvaluateAsync(new BillableRequest { Model = GuardedSandbox.PaidModel }, Cancellation);
            var balance = decision.Limits.Single(limit => limit.Cause == BillingCause.AccountCredits);
            Assert.True(Sandbox.Account.TotalUsage >= least);
            Assert.Equal((Sandbox.Account.TotalUsage, 0m), (balance.Used, balance.Held));
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await _sandbox.DisposeAsync();
        }

        private ChatClient ClientFor(string model) => new(model, new ApiKeyCredential(Sandbox.ApiKey), new OpenAIClientOptions
        {
            Endpoint = Sandbox.BaseAddress,
            Transport = new HttpClientPipelineTransport(_http),
            RetryPolicy = RetryPolicy,
        });
    }

    /// <summary>The library's default policy in everything but the waits between attempts.</summary>
    private sealed class UnhurriedRetryPolicy : ClientRetryPolicy
    {
        protected override TimeSpan GetNextDelay(PipelineMessage message, int tryCount) => TimeSpan.Zero;
    }
}
