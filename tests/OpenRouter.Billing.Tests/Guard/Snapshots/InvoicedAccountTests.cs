using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Snapshots;

/// <summary>An account that pays by invoice has no balance that could run out; everything else holds.</summary>
public sealed class InvoicedAccountTests
{
    private const string NeverBought = """{"data":{"total_credits":0,"total_usage":512.25}}""";

    private static readonly BillableRequest Paid = new() { Model = GuardedStub.PaidModel };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EvaluateAsync_PaysByInvoice_NeitherAsksForTheBalanceNorMissesIt()
    {
        using var world = new GuardedStub(options => options.Guard.PaysByInvoice = true) { CreditsBody = NeverBought };

        await world.Guard.ReserveAsync(Paid, Cancellation);
        var decision = await world.Guard.EvaluateAsync(Paid, Cancellation);

        Assert.True(decision.IsAllowed);
        Assert.DoesNotContain(decision.Limits, limit => limit.Cause == BillingCause.AccountCredits);
        Assert.Equal((0, 1), (world.Stub.Count("GET credits"), world.Stub.Count("GET key")));
        Assert.Empty(world.Log.Entries);
    }

    [Fact]
    public async Task ReserveAsync_PaysByInvoice_TheKeysCapHolds()
    {
        using var world = new GuardedStub(options => options.Guard.PaysByInvoice = true)
        {
            KeyBody = """{"data":{"limit":1,"limit_remaining":0.01,"limit_reset":"monthly","usage":0.99}}""",
        };

        await Assert.ThrowsAsync<KeyLimitExceededException>(async () => await world.Guard.ReserveAsync(Paid, Cancellation));
    }

    [Fact]
    public async Task ReserveAsync_RefusedByOpenRouterForItsCredits_IsRememberedAndLetOutLater()
    {
        using var world = new GuardedStub(options => options.Guard.PaysByInvoice = true);
        await world.IsRefusedThereAsync<InsufficientCreditsException>("no credits");
        await world.IsRefusedHereAsync<InsufficientCreditsException>();

        await world.AdvanceAsync(TimeSpan.FromSeconds(6));

        await world.PassesAsync();
        Assert.Equal(0, world.Stub.Count("GET credits"));
    }

    [Theory]
    [InlineData(NeverBought, true)]
    [InlineData("""{"data":{"total_credits":512,"total_usage":512.25}}""", false)]
    [InlineData("""{"data":{"total_credits":0.01,"total_usage":0}}""", false)]
    public async Task ReserveAsync_NeverBoughtAndSpendsAllTheSame_TheRemedyNamesTheOption(string credits, bool names)
    {
        using var world = new GuardedStub { CreditsBody = credits };

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await world.Guard.ReserveAsync(Paid, Cancellation));

        Assert.Equal(names, refusal.Message.Contains("Guard.PaysByInvoice", StringComparison.Ordinal));
    }
}
