using System.Net;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;
using OpenRouter.Billing.Tests.Guard.Policies;
using OpenRouter.Billing.Tests.Guard.Verdicts;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>When an admission looks at the account again, what it asks of the ledger, and what it makes of faults on its way.</summary>
public sealed class AdmissionTests
{
    private const string ManagementKeyBody = """{"data":{"label":"m","limit":null,"usage":0.5,"is_management_key":true}}""";
    private const string HalfADollar = """{"data":{"total_credits":10,"total_usage":9.5}}""";
    private const string InFlight = """{"error":{"code":402,"message":"It would not fit given your current in-flight requests."}}""";
    private const string Models = """{"data":[{"id":"some/model","created":1,"context_length":1000000,"architecture":{"output_modalities":["text"]},"supported_parameters":["max_tokens"],"pricing":{"prompt":"0.000001","completion":"0.00002"},"top_provider":{"context_length":1000000,"max_completion_tokens":500000}}]}""";

    private static readonly TimeSpan OlderThanARefusalMayBe = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan OlderThanUsual = TimeSpan.FromSeconds(31);

    private static readonly BillableRequest Large = new() { Model = GuardedStub.PaidModel, Prompt = PromptSize.Of("hello"), MaxOutputTokens = 100_000, MayLowerOutputCap = true };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EvaluateAsync_FarFromEveryLimit_ReadsNothingAgainForHalfOfTheLongestAge()
    {
        using var world = new GuardedStub(options => options.Guard.PaidRequestClaim = 0.0001m);
        await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);

        for (var look = 1; look <= 4; look++)
        {
            await world.AdvanceAsync(OlderThanUsual);
            await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);
        }

        await world.AdvanceAsync(TimeSpan.Zero);
        Assert.Equal(1, world.Stub.Count("GET credits"));
    }

    [Fact]
    public async Task EvaluateAsync_NotFarFromALimit_ReadsAgainInTheBackground()
    {
        using var world = new GuardedStub();
        await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);
        await world.AdvanceAsync(OlderThanUsual);

        await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);

        await BillingClientKit.UntilAsync(() => world.Stub.Count("GET credits") == 2, "the reading");
    }

    [Fact]
    public async Task EvaluateAsync_KeyWasRefusedByOldFigures_LooksAgainFirst()
    {
        using var world = new GuardedStub { KeyBody = ManagementKeyBody };
        Assert.Equal(BillingCause.Permission, (await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation)).Refusal?.Cause);
        world.KeyBody = TestData.KeyBody;
        await world.AdvanceAsync(OlderThanARefusalMayBe);

        Assert.True((await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation)).IsAllowed);
    }

    [Fact]
    public async Task EvaluateAsync_OnlyTimeOpensTheLimit_AsksForNoFigures()
    {
        using var world = new GuardedStub();
        await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);
        world.Guard.Learn(PolicyWorld.Paid, HttpStatusCode.PaymentRequired, Encoding.UTF8.GetBytes(InFlight));
        await world.AdvanceAsync(OlderThanARefusalMayBe);

        var decision = await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);

        Assert.Equal((BillingCause.InFlightBudget, BillingVerdictOrigin.Remembered), (decision.Refusal?.Cause, decision.Refusal?.Origin));
        Assert.Equal((1, 1), (world.Stub.Count("GET credits"), world.Stub.Count("GET key")));
    }

    [Fact]
    public async Task EvaluateAsync_LedgerFailsAndMaySend_IsAllowedWithItsEstimateAndLogged()
    {
        using var world = Priced(options => options.Guard.WhenUnavailable = UnavailableBehavior.Allow);
        var guard = Guard(world, new StagedLedger(world.Ledger) { BeforePeek = () => throw new IOException("The database is away.") });

        var decision = await guard.EvaluateAsync(Large with { MaxOutputTokens = 16 }, Cancellation);

        Assert.True(decision.IsAllowed);
        Assert.NotNull(decision.Estimate);
        Assert.Contains("The database is away.", Assert.Single(world.Log.Entries, entry => entry.Event == "DecisionFailed").Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReserveAsync_PolicyThrows_IsRefusedByItsFaultAndLogged()
    {
        using var world = new GuardedStub();
        var fault = new InvalidOperationException("The policy is broken.");
        var guard = Guard(world, world.Ledger, new Policy(_ => throw fault));

        var refusal = await Assert.ThrowsAsync<BillingCheckUnavailableException>(async () => await guard.ReserveAsync(PolicyWorld.Paid, Cancellation));

        Assert.Same(fault, refusal.InnerException);
        Assert.Contains("The policy is broken.", Assert.Single(world.Log.Entries, entry => entry.Event == "DecisionFailed").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no JSON", 1)]
    [InlineData(TestData.CreditsBody, 0)]
    public async Task ReserveAsync_BalanceMayBeUnknown_SaysWhenItIs(string credits, int said)
    {
        using var world = new GuardedStub(options => options.Guard.WhenUnavailable = UnavailableBehavior.Allow) { CreditsBody = credits };

        await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation);

        Assert.Equal(said, world.Log.Entries.Count(entry => entry.Event == "SentUnchecked"));
    }

    // A ledger may be a database, and a trip for nothing is one too many.
    [Theory]
    [InlineData(BillingGuardMode.Enforce)]
    [InlineData(BillingGuardMode.Observe)]
    public async Task ReserveAsync_NothingToClaim_GoesOutWithoutTheLedger(BillingGuardMode mode)
    {
        using var world = new GuardedStub(options => (options.Guard.Mode, options.Guard.PaysByInvoice) = (mode, true));
        var ledger = new AskedLedger(world.Ledger);
        var guard = Guard(world, ledger, mode == BillingGuardMode.Observe ? [new Policy(context => context.Refuse("Come back on Monday."))] : []);

        var lease = await guard.ReserveAsync(PolicyWorld.Paid, Cancellation);

        Assert.Equal((0, 0.05m), (ledger.Acquired, lease.ClaimedCost));
        Assert.Equal(mode == BillingGuardMode.Observe, lease.Refusal is not null);
    }

    [Fact]
    public async Task ReserveAsync_PolicyRefuses_TellsTheLimitsThatWereLookedAt()
    {
        using var world = new GuardedStub();
        var guard = Guard(world, world.Ledger, new Policy(context => context.Refuse("Come back on Monday.")));

        var refusal = await Assert.ThrowsAsync<PolicyRefusedException>(async () => await guard.ReserveAsync(PolicyWorld.Paid, Cancellation));

        var balance = Assert.Single(refusal.Verdict.Limits);
        Assert.Equal((BillingCause.AccountCredits, 9.5m, 0.05m), (balance.Cause, balance.Capacity, balance.Required));
    }

    [Fact]
    public async Task ReserveAsync_AffordsExactlyTheLeastOutput_IsLoweredToIt()
    {
        using var world = Priced(options => options.Guard.LowerOutputCap = true);
        var affordable = (await world.Guard.EvaluateAsync(Large, Cancellation)).OutputCap!.Value;

        world.Options.Guard.LeastOutputTokens = (int)affordable;
        var lease = await world.Guard.ReserveAsync(Large, Cancellation);
        await lease.ReleaseAsync(Cancellation);
        world.Options.Guard.LeastOutputTokens = (int)affordable + 1;
        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await world.Guard.ReserveAsync(Large, Cancellation));

        Assert.Equal((affordable, affordable), (lease.OutputCap, refusal.AffordableOutputTokens));
    }

    [Fact]
    public async Task ReserveAsync_OthersTakeTheRestEachTime_LowersThreeTimesAndRefuses()
    {
        using var world = Priced(options => options.Guard.LowerOutputCap = true);
        var ledger = new AskedLedger(world.Ledger) { Refuses = true };

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await Guard(world, ledger).ReserveAsync(Large, Cancellation));

        Assert.Equal(4, ledger.Acquired);
        // The refusal is that of the request as it was asked for.
        Assert.True(refusal.Required > 2m, $"{refusal.Required} USD");
    }

    [Fact]
    public async Task ReserveAsync_ObservingAndLedgerFails_GoesOutUnheldAndIsLogged()
    {
        using var world = new GuardedStub(options => options.Guard.Mode = BillingGuardMode.Observe);
        var ledger = new StagedLedger(world.Ledger) { BeforeAcquire = () => throw new IOException("The database is away.") };

        var lease = await Guard(world, ledger, new Policy(context => context.Refuse("Come back on Monday."))).ReserveAsync(PolicyWorld.Paid, Cancellation);

        Assert.Equal((BillingCause.Policy, 0.05m), (lease.Refusal?.Cause, lease.ClaimedCost));
        Assert.Single(world.Log.Entries, entry => entry.Event == "DecisionFailed");
    }

    [Fact]
    public async Task ReserveAsync_Granted_TellsTheLedgerWhoseSpendingItIs()
    {
        using var world = new GuardedStub();
        var lease = await world.Guard.ReserveAsync(PolicyWorld.Paid with { Scope = new() { Project = "search", Member = "alice", Workspace = "lab" } }, Cancellation);
        await lease.SettleAsync(0.01m, Cancellation);

        var labels = new SpendLabels { Project = "search", Member = "alice", Workspace = "lab", KeyHash = KeyShape.Hash(TestData.ApiKey), Model = GuardedStub.PaidModel };
        var costs = new List<decimal>();
        await foreach (var entry in world.Ledger.ReadSpendAsync(new SpendQuery { Where = labels }, Cancellation))
        {
            costs.Add(entry.Cost);
        }

        Assert.Equal([0.01m], costs);
    }

    private static GuardedStub Priced(Action<OpenRouterBillingOptions> configure)
    {
        var world = new GuardedStub(options =>
        {
            options.Guard.Pricing = PricingMode.Catalogue;
            configure(options);
        }) { CreditsBody = HalfADollar };
        world.Stub.On("GET models", Models);
        return world;
    }

    private static BillingGuard Guard(GuardedStub world, IBillingLedger ledger, params IBillingPolicy[] policies) =>
        new(new HttpClient(world.Stub, disposeHandler: false), world.Options, new() { TimeProvider = world.Clock, Logger = world.Log, Ledger = ledger, Policies = policies });

    private sealed class Policy(Action<BillingPolicyContext> apply) : IBillingPolicy
    {
        public void Apply(BillingPolicyContext context) => apply(context);
    }

    /// <summary>Counts what it is asked to hold, and may refuse all of it.</summary>
    private sealed class AskedLedger(IBillingLedger books) : BrokenLedger(books)
    {
        private int _acquired;

        public int Acquired => Volatile.Read(ref _acquired);

        public bool Refuses { get; init; }

        public override async ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _acquired);
            return Refuses ? LedgerAnswer.Refused(await Inner.PeekAsync(claims, cancellationToken)) : await base.AcquireAsync(claims, leaseDuration, cancellationToken);
        }
    }
}
