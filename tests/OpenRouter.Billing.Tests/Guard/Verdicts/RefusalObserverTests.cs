using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Policies;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>Who wants to know of refusals is told of each, once, and can break nothing.</summary>
public sealed class RefusalObserverTests
{
    private const string TooLittle = """{"data":{"total_credits":10,"total_usage":9.99}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BillingGuardMode.Enforce, false)]
    [InlineData(BillingGuardMode.Observe, true)]
    public async Task Reserve_Refused_TellsWhyAndOnWhoseBehalf(BillingGuardMode mode, bool isObserved)
    {
        using var world = new GuardedStub(options => options.Guard.Mode = mode) { CreditsBody = TooLittle };
        var seen = new Notes();
        var guard = Guard(world, seen);

        using (BillingScope.Begin(new BillingScope { Project = "search" }))
        {
            await Record.ExceptionAsync(async () => await guard.ReserveAsync(PolicyWorld.Paid with { Scope = new() { Member = "alice" } }, Cancellation));
        }

        var refusal = Assert.Single(seen.All);
        Assert.Equal((BillingCause.AccountCredits, "search", "alice", isObserved), (refusal.Verdict.Cause, refusal.Scope.Project, refusal.Scope.Member, refusal.IsObserved));
        Assert.IsType<InsufficientCreditsException>(refusal.Verdict.ToException());
    }

    [Fact]
    public async Task Reserve_AdmittedOrOnlyAsked_TellsNothing()
    {
        using var world = new GuardedStub();
        var seen = new Notes();
        var guard = Guard(world, seen);

        await guard.ReserveAsync(PolicyWorld.Paid, Cancellation);
        world.CreditsBody = TooLittle;
        await guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);

        Assert.Empty(seen.All);
    }

    [Fact]
    public void Learn_BillingRefusal_IsToldAndAnyOtherFailureIsNot()
    {
        using var world = new GuardedStub();
        var seen = new Notes();
        var guard = Guard(world, seen);

        guard.Learn(PolicyWorld.Paid, HttpStatusCode.ServiceUnavailable, ReadOnlyMemory<byte>.Empty);
        guard.Learn(PolicyWorld.Paid, HttpStatusCode.PaymentRequired, """{"error":{"code":402,"message":"Insufficient credits. Add more using https://openrouter.ai/settings/credits"}}"""u8.ToArray());

        Assert.Equal(BillingVerdictOrigin.Answered, Assert.Single(seen.All).Verdict.Origin);
    }

    [Fact]
    public async Task Reserve_ObserverFails_IsLoggedAndTheRefusalStands()
    {
        using var world = new GuardedStub { CreditsBody = TooLittle };
        var seen = new Notes();
        var guard = Guard(world, new Broken(), seen);

        await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await guard.ReserveAsync(PolicyWorld.Paid, Cancellation));

        Assert.Single(seen.All);
        Assert.Contains(world.Log.Entries, entry => entry is { Level: LogLevel.Error, Event: "ObserverFailed" });
    }

    [Fact]
    public void AddRefusalObserver_OfOneAccount_IsToldOfThatAccountOnly()
    {
        var (seen, other) = (new Notes(), new Notes());
        var services = new ServiceCollection();
        services.AddOpenRouterBilling("one", options => options.ApiKey = TestData.ApiKey).AddRefusalObserver(_ => seen);
        services.AddOpenRouterBilling("two", options => options.ApiKey = TestData.ApiKey).AddRefusalObserver(other);
        using var provider = services.BuildServiceProvider();

        provider.GetRequiredKeyedService<IBillingGuard>("one").Learn(PolicyWorld.Paid, HttpStatusCode.Unauthorized, """{"error":{"code":401,"message":"User not found."}}"""u8.ToArray());

        Assert.Single(seen.All);
        Assert.Empty(other.All);
    }

    private static BillingGuard Guard(GuardedStub world, params IBillingRefusalObserver[] observers) =>
        new(new HttpClient(world.Stub, disposeHandler: false), world.Options, new() { TimeProvider = world.Clock, Logger = world.Log, RefusalObservers = observers });

    private sealed class Notes : IBillingRefusalObserver
    {
        public List<BillingRefusal> All { get; } = [];

        public void Refused(BillingRefusal refusal) => All.Add(refusal);
    }

    private sealed class Broken : IBillingRefusalObserver
    {
        public void Refused(BillingRefusal refusal) => throw new InvalidOperationException("The notes are full.");
    }
}
