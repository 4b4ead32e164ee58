using System.Globalization;
using System.Net;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>Two thousand requests at once against money for five hundred.</summary>
public sealed class ParallelRequestsTests
{
    private const int Requests = 2_000;
    private const int Affordable = 500;
    private const decimal Claim = 0.01m;

    [Fact]
    public async Task Send_EveryClaimIsTheTrueCost_ExactlyTheAffordableOnesPass()
    {
        using var world = World();
        var till = new Till();
        world.Answer = () => till.Charge(_ => Claim);

        var passed = await SendAllAsync(world);

        Assert.Equal((Affordable, Affordable), (passed, world.Chats));
        Assert.Equal(Affordable * Claim, till.Billed);
        Assert.Equal((1, 1), (world.Stub.Count("GET credits"), world.Stub.Count("GET key")));
        // Everything is settled: nothing is held, and not a nano-dollar is left.
        Assert.Equal((0m, 0m), ((await BalanceAsync(world)).Held, (await BalanceAsync(world)).Remaining));
    }

    [Fact]
    public async Task Send_ClaimsAreUpperBounds_NeverSpendsMoreThanThereIs()
    {
        using var world = World();
        var till = new Till();
        world.Answer = () => till.Charge(random => decimal.Round(Claim * (decimal)random.NextDouble(), 9));

        var passed = await SendAllAsync(world);

        Assert.InRange(passed, Affordable, Requests);
        Assert.InRange(till.Billed, 0, Affordable * Claim);
        Assert.Equal(till.Billed, (await BalanceAsync(world)).Used);
    }

    private static GuardedStub World() => new(options => options.Guard.PaidRequestClaim = Claim)
    {
        CreditsBody = """{"data":{"total_credits":15,"total_usage":10}}""",
    };

    private static async Task<int> SendAllAsync(GuardedStub world)
    {
        using var start = new SemaphoreSlim(0);
        var sending = Enumerable.Range(0, Requests).Select(_ => Task.Run(async () =>
        {
            await start.WaitAsync(TestContext.Current.CancellationToken);
            try
            {
                using var response = await world.ChatAsync();
                await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                return 1;
            }
            catch (InsufficientCreditsException)
            {
                return 0;
            }
        })).ToArray();
        start.Release(Requests);
        return (await Task.WhenAll(sending)).Sum();
    }

    private static async Task<LimitReading> BalanceAsync(GuardedStub world) =>
        (await world.Guard.EvaluateAsync(new() { Model = GuardedStub.PaidModel }, TestContext.Current.CancellationToken)).Limits.Single(limit => limit.Cause == BillingCause.AccountCredits);

    private sealed class Till
    {
        private readonly object _gate = new();
        private readonly Random _random = new(7);

        public decimal Billed { get; private set; }

        public HttpResponseMessage Charge(Func<Random, decimal> price)
        {
            lock (_gate)
            {
                var cost = price(_random);
                Billed += cost;
                return StubHandler.Json("""{"choices":[],"usage":{"cost":COST}}""".Replace("COST", cost.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
            }
        }
    }
}
