using Microsoft.Extensions.AI;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Extensions.AI.Tests;

/// <summary>The same promises, whichever way a chat reaches the guard.</summary>
public sealed class WayInTests
{
    private const string Spent = """{"error":{"code":402,"message":"Insufficient credits. Add more using https://openrouter.ai/settings/credits","metadata":{"limit_source":"openrouter_credits"}}}""";

    public static TheoryData<WayIn> Ways => [.. Enum.GetValues<WayIn>()];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Send_Answered_AsksOnceAndBooksWhatWasBilled(WayIn way)
    {
        await using var world = await ChatWorld.StartAsync();

        var answer = await world.SendAsync(way);

        Assert.NotEmpty(answer.Text);
        Assert.Equal((1, 1), (world.Guard.Asked, world.Chats));
        Assert.True(world.Sandbox.Account.TotalUsage > 0);
        await world.IsBookedAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Stream_ReadToItsEnd_AsksOnceAndBooksWhatWasBilled(WayIn way)
    {
        await using var world = await ChatWorld.StartAsync();

        var text = string.Concat(await world.StreamAsync(way).Select(update => update.Text).ToListAsync(TestContext.Current.CancellationToken));

        Assert.NotEmpty(text);
        Assert.Equal((1, 1), (world.Guard.Asked, world.Chats));
        Assert.True(world.Sandbox.Account.TotalUsage > 0);
        await world.IsBookedAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Send_BalanceDoesNotCoverIt_IsRefusedAndNothingIsSent(WayIn way)
    {
        await using var world = await ChatWorld.StartAsync(sandbox => sandbox.InitialCredits = 0.000001m);

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.SendAsync(way));

        Assert.Equal(BillingVerdictOrigin.Predicted, refusal.Verdict.Origin);
        Assert.Equal(0, world.Chats);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Stream_BalanceDoesNotCoverIt_IsRefusedBeforeTheFirstUpdate(WayIn way)
    {
        await using var world = await ChatWorld.StartAsync(sandbox => sandbox.InitialCredits = 0.000001m);
        await using var updates = world.StreamAsync(way).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await updates.MoveNextAsync());

        Assert.Equal(0, world.Chats);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Send_FreeRequestsAreUsedUp_IsRefusedWithItsQuota(WayIn way)
    {
        await using var world = await ChatWorld.StartAsync();
        world.Sandbox.Account.SetFreeRequestsToday(1000);

        var refusal = await Assert.ThrowsAsync<FreeModelQuotaExceededException>(() => world.SendAsync(way, ChatWorld.FreeModel));

        Assert.Equal((BillingCause.FreeRequestsPerDay, 0), (refusal.Verdict.Cause, world.Chats));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Send_BudgetOfTheMemberIsSpent_RefusesThatMemberOnly(WayIn way)
    {
        await using var world = await ChatWorld.StartAsync(options: options => options.Guard.Budgets.Add(new() { Per = Spender.Member, Limit = 0.0001m }));
        using (BillingScope.Begin(new BillingScope { Member = "alice" }))
        {
            var lease = await world.Guard.ReserveAsync(new BillableRequest { Model = ChatWorld.PaidModel, Prompt = PromptSize.Of("hi"), MaxOutputTokens = 1 }, TestContext.Current.CancellationToken);
            await lease.SettleAsync(0.0001m, TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<BudgetExceededException>(() => world.SendAsync(way));
        }

        using (BillingScope.Begin(new BillingScope { Member = "bob" }))
        {
            await world.SendAsync(way);
        }

        Assert.Equal(1, world.Chats);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Send_ServerRefuses_ThrowsTheSameExceptionAndTheLimitStaysClosed(WayIn way)
    {
        await using var world = await ChatWorld.StartAsync();
        world.Sandbox.Faults.Add(ChatWorld.ChatRoute, SandboxFault.Answer(402, Spent));

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.SendAsync(way));
        var next = await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.SendAsync(way));

        Assert.Equal((BillingVerdictOrigin.Answered, BillingVerdictOrigin.Remembered), (refusal.Verdict.Origin, next.Verdict.Origin));
        Assert.Equal(1, world.Chats);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Stream_LeftHalfway_IsSettledByItsGeneration(WayIn way)
    {
        await using var world = await ChatWorld.StartAsync(sandbox => sandbox.BillAbortedStreamsInFull = true);
        await foreach (var update in world.StreamAsync(way, maxTokens: 400))
        {
            if (update.Text.Length > 0)
            {
                break;
            }
        }

        await world.UntilNothingIsHeldAsync();

        Assert.True(world.Sandbox.Account.TotalUsage > 0);
        await world.IsBookedAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Send_AnswerIsLost_BooksTheFullClaim(WayIn way)
    {
        await using var world = await ChatWorld.StartAsync(options: options => options.Guard.Pricing = PricingMode.Flat);
        world.Sandbox.Faults.Add(ChatWorld.ChatRoute, SandboxFault.Disconnect(billed: true));

        Assert.NotNull(await Record.ExceptionAsync(() => world.SendAsync(way)));

        await world.IsBookedAsync(world.Options.Guard.PaidRequestClaim);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Send_ProviderIsDown_BooksNothingAndTheClientsOwnExceptionIsThrown(WayIn way)
    {
        await using var world = await ChatWorld.StartAsync();
        world.Sandbox.Faults.Add(ChatWorld.ChatRoute, SandboxFault.Answer(503, """{"error":{"code":503,"message":"Overloaded"}}"""));

        var failure = await Record.ExceptionAsync(() => world.SendAsync(way));

        Assert.False(failure is null or BillingGuardException);
        await world.IsBookedAsync(0);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Send_ManyAtOnce_NeverSpendMoreThanThereIs(WayIn way)
    {
        await using var world = await ChatWorld.StartAsync(sandbox => sandbox.InitialCredits = 0.0001m);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Record.ExceptionAsync(() => world.SendAsync(way)).AsTask()));

        Assert.Contains(outcomes, outcome => outcome is null);
        Assert.Contains(outcomes, outcome => outcome is InsufficientCreditsException);
        Assert.True(world.Sandbox.Account.LowestBalance >= 0);
        await world.IsBookedAsync();
    }

    [Theory]
    [InlineData(WayIn.ChatClient)]
    [InlineData(WayIn.Both)]
    [InlineData(WayIn.OpenAI)]
    [InlineData(WayIn.OpenAIOverHandler)]
    public async Task Answer_WholeOrStreamed_SaysWhatItCostInItsUsage(WayIn way)
    {
        await using var world = await ChatWorld.StartAsync();

        var whole = await world.SendAsync(way);
        var billed = world.Sandbox.Account.TotalUsage;
        var streamed = await world.StreamAsync(way).ToChatResponseAsync(TestContext.Current.CancellationToken);

        Assert.Equal(billed, whole.Usage?.AdditionalCounts?[BillingGuardChatClient.CostCount] / 1_000_000_000m);
        Assert.Equal(world.Sandbox.Account.TotalUsage - billed, streamed.Usage?.AdditionalCounts?[BillingGuardChatClient.CostCount] / 1_000_000_000m);
    }
}
