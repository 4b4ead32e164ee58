using System.Globalization;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>The guard learns the lag of its account and of each key from what requests really cost.</summary>
public sealed class LearningGuardTests
{
    private static readonly TimeSpan ServersLag = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = new BillingGuardOptions().SettlementLag;
    private static readonly TimeSpan Shortest = new BillingGuardOptions().LeastSettlementLag;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReserveAsync_CostShowsSoon_BothLagsBecomeShort()
    {
        using var world = new Server();

        await world.WorkAsync();

        Assert.Equal((Shortest, Shortest), await world.LagsAsync());
    }

    [Fact]
    public async Task ReserveAsync_SomebodyElseSpendsOfTheAccount_OnlyTheKeysLagIsShort()
    {
        using var world = new Server { Others = 0.0007m };

        await world.WorkAsync();

        Assert.Equal((Longest, Shortest), await world.LagsAsync());
    }

    [Fact]
    public async Task ReserveAsync_SomebodyElseBeginsToSpend_TheLagIsTheLongestAtOnce()
    {
        using var world = new Server();
        await world.WorkAsync();
        world.Others = 0.0007m;

        await world.SpendAsync();
        await world.Stub.AdvanceAsync(TimeSpan.FromSeconds(5));
        await world.SpendAsync();
        await world.Stub.AdvanceAsync(TimeSpan.FromSeconds(5));

        Assert.Equal((Longest, Shortest), await world.LagsAsync());
    }

    [Fact]
    public async Task ReserveAsync_CostIsNotToldAndTheClaimIsBooked_NothingIsLearned()
    {
        using var world = new Server { TellsCost = false };

        await world.WorkAsync();

        Assert.Equal((Longest, Longest), await world.LagsAsync());
    }

    [Fact]
    public async Task ReserveAsync_SpendingThroughOwnProviderKeys_MovesNoCounterAndDoesNotDisturb()
    {
        using var world = new Server { Byok = ""","is_byok":true,"cost_details":{"upstream_inference_cost":0.5}""" };

        await world.WorkAsync();

        Assert.Equal((Shortest, Shortest), await world.LagsAsync());
    }

    [Fact]
    public async Task ReserveAsync_LeastLagIsTheWholeLag_NothingIsLearned()
    {
        using var world = new Server(options => options.Guard.LeastSettlementLag = options.Guard.SettlementLag);

        await world.WorkAsync();

        Assert.Equal((Longest, Longest), await world.LagsAsync());
    }

    // Another ledger may be shared, and keep a clock of its own.
    [Fact]
    public async Task ReserveAsync_LedgerIsNotTheOneInMemory_NothingIsLearned()
    {
        using var world = new Server(over: ledger => new RoundingUpLedger(ledger));

        await world.WorkAsync();

        Assert.Equal((Longest, Longest), await world.LagsAsync());
    }

    /// <summary>A server that counts two seconds late, close to its limit, so that each request reads the figures first.</summary>
    private sealed class Server : IDisposable
    {
        private readonly List<(DateTimeOffset ShowsAt, decimal Cost)> _charges = [];
        private decimal _cost = 0.001m;

        public Server(Action<OpenRouterBillingOptions>? configure = null, Func<IBillingLedger, IBillingLedger>? over = null)
        {
            Stub = new GuardedStub(
                options =>
                {
                    options.Guard.PaidRequestClaim = 1.2m;
                    options.Guard.MaxRefusalReadingAge = TimeSpan.FromSeconds(1);
                    configure?.Invoke(options);
                },
                over) { Answer = Answer };
            Stub.Stub.On("GET credits", () => StubHandler.Json(Text($$$"""{"data":{"total_credits":10,"total_usage":{{{Shown() + (Others * _charges.Count)}}}}}""")));
            Stub.Stub.On("GET key", () => StubHandler.Json(Text($$$"""{"data":{"limit":10,"limit_remaining":{{{10 - Shown()}}},"limit_reset":null,"usage":{{{Shown()}}}}}""")));
        }

        public GuardedStub Stub { get; }

        public bool TellsCost { get; init; } = true;

        public string Byok { get; init; } = string.Empty;

        /// <summary>What somebody else spends beside each request.</summary>
        public decimal Others { get; set; }

        public async Task WorkAsync()
        {
            for (var burst = 0; burst < 12; burst++)
            {
                for (var request = 0; request < 6; request++)
                {
                    await SpendAsync();
                    await Stub.AdvanceAsync(TimeSpan.FromSeconds(5));
                }

                await Stub.AdvanceAsync(TimeSpan.FromSeconds(70));
            }

            await SpendAsync();
        }

        public async Task SpendAsync()
        {
            using var response = await Stub.ChatAsync();
            await response.Content.ReadAsStringAsync(Cancellation);
        }

        /// <summary>How far before the figures own bookings count, for the balance and for the key's cap.</summary>
        public async Task<(TimeSpan Balance, TimeSpan Key)> LagsAsync()
        {
            // Old enough that the figures are read now.
            await Stub.AdvanceAsync(TimeSpan.FromSeconds(2));
            var limits = (await Stub.Guard.EvaluateAsync(new BillableRequest { Model = GuardedStub.PaidModel }, Cancellation)).Limits;
            return (Of(BillingCause.AccountCredits), Of(BillingCause.KeyLimit));

            TimeSpan Of(BillingCause cause) => Stub.Clock.GetUtcNow() - limits.Single(limit => limit.Cause == cause).Since;
        }

        public void Dispose() => Stub.Dispose();

        private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

        private HttpResponseMessage Answer()
        {
            _charges.Add((Stub.Clock.GetUtcNow() + ServersLag, _cost += 0.000001m));
            return StubHandler.Json(TellsCost ? Text($$$"""{"choices":[],"usage":{"cost":{{{_cost}}}{{{Byok}}}}}""") : """{"choices":[]}""");
        }

        private decimal Shown() => _charges.Where(charge => charge.ShowsAt <= Stub.Clock.GetUtcNow()).Sum(charge => charge.Cost);
    }
}
