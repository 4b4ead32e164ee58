using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Extensions.AI.Tests;

/// <summary>What is a guarded chat client's own: registration, reading of options, and everything it passes through.</summary>
public sealed class BillingGuardChatClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetService_AnythingOfTheWrappedClient_IsPassedThrough()
    {
        await using var world = await ChatWorld.StartAsync();
        using var client = world.Client(WayIn.ChatClient);

        Assert.Equal(ChatWorld.PaidModel, client.GetService<ChatClientMetadata>()?.DefaultModelId);
        Assert.NotNull(client.GetService<PlainChatClient>());
        Assert.Same(client, client.GetService<BillingGuardChatClient>());
    }

    [Fact]
    public async Task Use_InABuilderWithAContainer_GuardsByThatAccount()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(options => options.InitialCredits = 0, Cancellation);
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options => (options.ApiKey, options.ManagementKey, options.BaseAddress) = (sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress));
        services.AddChatClient(_ => new ScriptedChatClient()).Use((inner, provider) => inner.UseOpenRouterBillingGuard(provider));
        await using var provider = services.BuildServiceProvider();

        await Assert.ThrowsAsync<InsufficientCreditsException>(() => provider.GetRequiredService<IChatClient>().GetResponseAsync("hi", new ChatOptions { ModelId = ChatWorld.PaidModel }, Cancellation));
    }

    [Fact]
    public void Use_NoSuchAccount_SaysHowToRegisterIt()
    {
        using var provider = new ServiceCollection().BuildServiceProvider();
        using var client = new ScriptedChatClient();

        var failure = Assert.Throws<InvalidOperationException>(() => client.UseOpenRouterBillingGuard(provider, "research"));

        Assert.Contains("'research'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("AddOpenRouterBilling", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Send_ServerRefusesAndTheAccountThrowsNoSuch_ThrowsTheClientsOwn(bool throws)
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancellation);
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options =>
        {
            (options.ApiKey, options.ManagementKey, options.BaseAddress) = (sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress);
            options.Guard.ThrowOnServerRefusal = throws;
        });
        await using var provider = services.BuildServiceProvider();
        using var client = new ScriptedChatClient { Failure = new PlainChatException(System.Net.HttpStatusCode.PaymentRequired, """{"error":{"code":402,"message":"Insufficient credits."}}"""u8.ToArray()) }
            .UseOpenRouterBillingGuard(provider, configure: options => options.ReadFailure = exception => exception is PlainChatException failure ? new(failure.Status, failure.Body) : null);

        var thrown = await Record.ExceptionAsync(() => client.GetResponseAsync("hi", new ChatOptions { ModelId = ChatWorld.PaidModel }, Cancellation));

        Assert.Equal(throws ? typeof(InsufficientCreditsException) : typeof(PlainChatException), thrown?.GetType());
    }

    [Fact]
    public async Task Send_OutputCapMayBeLowered_SendsTheLowerOneAndLeavesTheCallersOptions()
    {
        await using var world = await ChatWorld.StartAsync(sandbox => sandbox.InitialCredits = 0.001m, options => (options.Guard.LowerOutputCap, options.Guard.LeastOutputTokens) = (true, 16));
        using var client = world.Client(WayIn.ChatClient);
        var options = ChatWorld.Ask(100_000);

        await client.GetResponseAsync(ChatWorld.Prompt, options, Cancellation);

        var sent = JsonNode.Parse(world.Sandbox.Requests.Latest.Last(request => request.Route == ChatWorld.ChatRoute).Body)!["max_tokens"]!.GetValue<int>();
        Assert.InRange(sent, 16, 99_999);
        Assert.Equal(100_000, options.MaxOutputTokens);
    }

    [Fact]
    public async Task Send_InsideOfFunctionInvocation_AsksForEveryRound()
    {
        await using var world = await ChatWorld.StartAsync(options: options => options.Guard.Pricing = PricingMode.Flat);
        var call = new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", "now")])) { RawRepresentation = """{"usage":{"cost":0.001}}""" };
        var answer = new ChatResponse(new ChatMessage(ChatRole.Assistant, "noon")) { RawRepresentation = """{"usage":{"cost":0.002}}""" };
        using var client = new FunctionInvokingChatClient(new ScriptedChatClient(call, answer).UseOpenRouterBillingGuard(world.Guard));

        var response = await client.GetResponseAsync("What time is it?", new ChatOptions { ModelId = ChatWorld.PaidModel, Tools = [AIFunctionFactory.Create(() => "12:00", "now")] }, Cancellation);

        Assert.Equal(2, world.Guard.Asked);
        Assert.Equal(3_000_000, response.Usage?.AdditionalCounts?[BillingGuardChatClient.CostCount]);
        await world.IsBookedAsync(0.003m);
    }

    [Fact]
    public async Task Send_GuardedTwiceByTheSameGuard_IsAskedForAndBookedOnce()
    {
        await using var world = await ChatWorld.StartAsync();
        using var client = world.Client(WayIn.ChatClient).UseOpenRouterBillingGuard(world.Guard);

        await client.GetResponseAsync(ChatWorld.Prompt, ChatWorld.Ask(), Cancellation);

        Assert.Equal(1, world.Guard.Asked);
        await world.IsBookedAsync();
    }

    [Fact]
    public async Task Send_Canceled_BooksTheFullClaimAndStaysACancellation()
    {
        await using var world = await ChatWorld.StartAsync(options: options => options.Guard.Pricing = PricingMode.Flat);
        using var client = new ScriptedChatClient { Failure = new OperationCanceledException() }.UseOpenRouterBillingGuard(world.Guard);

        await Assert.ThrowsAsync<OperationCanceledException>(() => client.GetResponseAsync("hi", new ChatOptions { ModelId = ChatWorld.PaidModel }, Cancellation));

        await world.IsBookedAsync(world.Options.Guard.PaidRequestClaim);
    }

    [Fact]
    public async Task Stream_ClientFailsBeforeThereIsAStream_BooksTheClaimAndThrowsItsOwn()
    {
        await using var world = await ChatWorld.StartAsync(options: options => options.Guard.Pricing = PricingMode.Flat);
        using var client = new UnstartableChatClient().UseOpenRouterBillingGuard(world.Guard);

        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetStreamingResponseAsync("hi", new ChatOptions { ModelId = ChatWorld.PaidModel }, Cancellation).ToListAsync(Cancellation).AsTask());

        await world.IsBookedAsync(world.Options.Guard.PaidRequestClaim);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_TheAppsOwnReadingFails_IsBookedAllTheSame(bool fails)
    {
        await using var world = await ChatWorld.StartAsync(options: options => options.Guard.Pricing = PricingMode.Flat);
        using var client = new ScriptedChatClient(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hello")) { RawRepresentation = new object() }) { Failure = fails ? new PlainChatException(System.Net.HttpStatusCode.PaymentRequired, []) : null }
            .UseOpenRouterBillingGuard(world.Guard, options =>
            {
                options.WriteRaw = _ => throw new FormatException();
                options.ReadFailure = _ => throw new FormatException();
            });

        await Assert.ThrowsAsync<FormatException>(() => client.GetResponseAsync("hi", new ChatOptions { ModelId = ChatWorld.PaidModel }, Cancellation));

        await world.IsBookedAsync(world.Options.Guard.PaidRequestClaim);
    }

    [Fact]
    public async Task Read_PropertiesWithoutAValue_AskForNothing()
    {
        await using var world = await ChatWorld.StartAsync();
        using var client = new ScriptedChatClient().UseOpenRouterBillingGuard(world.Guard);
        var options = new ChatOptions { ModelId = ChatWorld.PaidModel, AdditionalProperties = new() { ["plugins"] = null, ["user"] = default(System.Text.Json.JsonElement) } };

        await client.GetResponseAsync("hi", options, Cancellation);

        Assert.False(world.Guard.Last!.HasPaidAddOns);
    }

    [Fact]
    public async Task Read_EverythingAChatCanHold_IsMeasuredAsInABody()
    {
        await using var world = await ChatWorld.StartAsync();
        using var client = new ScriptedChatClient().UseOpenRouterBillingGuard(world.Guard);
        ChatMessage[] messages =
        [
            new(ChatRole.User, [new TextContent("Look"), new DataContent(new byte[300], "image/png"), new UriContent("https://example.org/a.pdf", "application/pdf"), new DataContent(new byte[30], "audio/wav")]),
            new(ChatRole.Assistant, [new TextReasoningContent("hm"), new FunctionCallContent("1", "look_up", new Dictionary<string, object?> { ["word"] = "canary" })]),
            new(ChatRole.Tool, [new FunctionResultContent("1", "a bird")]),
        ];
        var options = new ChatOptions
        {
            ModelId = ChatWorld.PaidModel,
            MaxOutputTokens = 9,
            Instructions = "Be brief.",
            ResponseFormat = ChatResponseFormat.ForJsonSchema(System.Text.Json.JsonElement.Parse("""{"type":"object"}""")),
            Tools = [AIFunctionFactory.Create(() => "x", "look_up"), new HostedWebSearchTool()],
            AdditionalProperties = new() { ["models"] = new[] { "a/b" }, ["n"] = 3, ["service_tier"] = "priority", ["plugins"] = JsonNode.Parse("""[{"id":"web","max_results":3}]""") },
        };

        await client.GetResponseAsync(messages, options, Cancellation);

        var asked = world.Guard.Last!;
        Assert.Equal((ChatWorld.PaidModel, 9L, 3, "priority"), (asked.Model, asked.MaxOutputTokens, asked.Answers, asked.ServiceTier));
        Assert.Equal((1, 1, 1), (asked.Images, asked.Files, asked.Recordings));
        Assert.Equal(["a/b"], asked.FallbackModels);
        Assert.Equal(["openrouter:web_search", "web"], asked.AddOns.Select(addOn => addOn.Name));
        Assert.True(asked.HasPaidAddOns);
        Assert.True(asked.Prompt is { Messages: 4, HasTools: true, Bytes: > 60 });
    }

    [Fact]
    public async Task Read_WhatNobodyCanSee_HasNoKnownBound()
    {
        await using var world = await ChatWorld.StartAsync();
        using var client = new ScriptedChatClient().UseOpenRouterBillingGuard(world.Guard);

        await client.GetResponseAsync("hi", new ChatOptions { ModelId = ChatWorld.PaidModel, RawRepresentationFactory = _ => new object() }, Cancellation);
        Assert.True(world.Guard.Last!.HasPaidAddOns);

        await client.GetResponseAsync([new ChatMessage(ChatRole.User, [new StrangeContent()])], new ChatOptions { ModelId = ChatWorld.PaidModel }, Cancellation);
        Assert.Null(world.Guard.Last!.Prompt);
    }

    [Fact]
    public async Task Describe_Set_HasTheLastWordOnTheRequest()
    {
        await using var world = await ChatWorld.StartAsync();
        using var client = new ScriptedChatClient().UseOpenRouterBillingGuard(world.Guard, options => options.Describe = request => request with { Model = ChatWorld.FreeModel, HasPaidAddOns = false, AddOns = [] });

        await client.GetResponseAsync("hi", new ChatOptions { ModelId = ChatWorld.PaidModel }, Cancellation);

        Assert.False(world.Guard.Last!.IsPaid);
    }

    [Fact]
    public async Task Refusal_OfAChat_ShowsNoPromptAndNoKey()
    {
        await using var world = await ChatWorld.StartAsync(sandbox => sandbox.InitialCredits = 0);
        using var client = world.Client(WayIn.Both);

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(() => client.GetResponseAsync("canary-prompt-4711", ChatWorld.Ask(), Cancellation));

        Assert.DoesNotContain("canary-prompt-4711", refusal.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(world.Sandbox.ApiKey, refusal.ToString(), StringComparison.Ordinal);
    }

    private sealed class StrangeContent : AIContent;

    /// <summary>Refuses to stream before there is anything to stream from.</summary>
    private sealed class UnstartableChatClient() : DelegatingChatClient(new ScriptedChatClient())
    {
        public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("This client does not stream.");
    }
}
