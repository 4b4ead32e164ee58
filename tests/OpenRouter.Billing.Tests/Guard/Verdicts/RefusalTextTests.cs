using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>What a refusal says of a limit that is held by others, spent or overdrawn.</summary>
public sealed class RefusalTextTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"data":{"total_credits":1,"total_usage":0.98}}""", null, "The balance does not cover this request: it may cost 0.05 USD, and 0.02 USD may be spent (model some/model). Add credits. Nothing was sent.")]
    [InlineData(null, """{"data":{"limit_remaining":0.02,"limit_reset":"daily","usage":1}}""", "wait for its reset")]
    public async Task Message_OnlyWhatIsLeftIsKnown_AdvisesWhatHelps(string? credits, string? key, string text)
    {
        using var world = new GuardedStub();
        world.CreditsBody = credits ?? world.CreditsBody;
        world.KeyBody = key ?? world.KeyBody;

        var refusal = await Assert.ThrowsAnyAsync<BillingGuardException>(() => world.ChatAsync());

        Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(key is null, refusal.OpensAt is null);
    }

    [Theory]
    [InlineData("a\nb", "a?b")]
    [InlineData("a\u2028b", "a?b")]
    [InlineData("a\u202Eb", "a?b")]
    [InlineData("модель/б", "модель/б")]
    public async Task Message_NameThatWouldChangeTheSentence_IsShownWithoutItsMarks(string model, string shown)
    {
        using var world = new GuardedStub { CreditsBody = """{"data":{"total_credits":1,"total_usage":1}}""" };

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await world.Guard.ReserveAsync(new() { Model = model }, Cancellation));

        Assert.Contains($"(model {shown})", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_OthersHoldTheBalance_SaysHowMuchIsLeftAndHeldAndThatWaitingHelps()
    {
        using var world = new GuardedStub(options => options.Guard.PaidRequestClaim = 6);
        await world.Guard.ReserveAsync(new BillableRequest { Model = GuardedStub.PaidModel }, Cancellation);

        var refusal = await RefuseAsync<InsufficientCreditsException>(world, GuardedStub.PaidModel);

        Assert.Equal(
            "The balance does not cover this request: it may cost 6.00 USD, and 3.50 USD may be spent, besides 6.00 USD that running requests hold (model some/model)."
            + " Add credits, or wait until running requests have settled. Nothing was sent.",
            refusal.Message);
        Assert.True(refusal.Verdict.IsRetryable);
    }

    [Fact]
    public async Task Message_CapIsSpent_SaysThatFreeModelsAreRefusedTooAndWhenItOpens()
    {
        using var world = new GuardedStub { KeyBody = """{"data":{"limit":20,"limit_remaining":0,"limit_reset":"daily","usage":20}}""" };
        var tomorrow = world.Clock.GetUtcNow().Date.AddDays(1);

        var refusal = await RefuseAsync<KeyLimitExceededException>(world, GuardedStub.FreeModel);

        Assert.Equal(
            $"The key's cap of 20.00 USD is spent, which refuses free models too (model some/model:free). It opens at {tomorrow:yyyy-MM-dd} 00:00:00 UTC."
            + " Raise the key's cap, wait for its reset, or use another key. Nothing was sent.",
            refusal.Message);
    }

    [Fact]
    public async Task Message_BalanceIsOverdrawn_SaysByHowMuchAndThatFreeModelsAreRefusedToo()
    {
        using var world = new GuardedStub { CreditsBody = """{"data":{"total_credits":1,"total_usage":1.02}}""" };

        var refusal = await RefuseAsync<InsufficientCreditsException>(world, GuardedStub.FreeModel);

        Assert.Equal("The balance is overdrawn by 0.02 USD, which refuses free models too (model some/model:free). Add credits. Nothing was sent.", refusal.Message);
    }

    private static async Task<T> RefuseAsync<T>(GuardedStub world, string model)
        where T : BillingGuardException =>
        await Assert.ThrowsAsync<T>(async () => await world.Guard.ReserveAsync(new BillableRequest { Model = model }, Cancellation));
}
