using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OpenRouter.Billing.Foresight.Tests.Reload;

namespace OpenRouter.Billing.Foresight.Tests.Purchases;

/// <summary>What happens to purchases is told once, and telling fails nothing.</summary>
public sealed class PurchaseNewsTests : IBillingAlerts
{
    private readonly List<AlertNotice> _raised = [];
    private Exception? _fault;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WaitForCreditsAsync_Arrived_IsTold()
    {
        using var world = new PurchaseWorld();
        world.Arrive(TimeSpan.FromMinutes(3), 25);

        await world.FinishAsync(Purchases(world).WaitForCreditsAsync(25m, cancellationToken: Token));

        var notice = Assert.Single(_raised);
        Assert.Equal((AlertKind.PurchaseArrived, AlertSeverity.Info, "25.00 USD of credits have arrived."), (notice.Kind, notice.Severity, notice.Message));
    }

    [Fact]
    public async Task WaitForCreditsAsync_Late_IsToldFromTheTicketOnInTheSameWords()
    {
        using var world = new PurchaseWorld();

        await world.FinishAsync(Purchases(world).WaitForCreditsAsync(25m, cancellationToken: Token));

        Assert.All(_raised, notice => Assert.Equal((AlertKind.PurchaseLate, "purchase/2026-11-18T10:30:00.0000000Z/25/PurchaseLate"), (notice.Kind, notice.Once)));
        Assert.StartsWith("25.00 USD of credits that were paid for at 2026-11-18 10:30 UTC have not arrived. Write a support ticket", _raised[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitForCreditsAsync_NobodyCanBeTold_GoesOn()
    {
        using var world = new PurchaseWorld();
        var logger = new RecordingLogger<PurchaseNewsTests>();
        _fault = new TimeoutException("The database does not answer.");
        world.Arrive(TimeSpan.FromMinutes(3), 25);

        var arrival = await world.FinishAsync(Purchases(world, new PurchaseNews(this, logger)).WaitForCreditsAsync(25m, cancellationToken: Token));

        Assert.Equal(CreditArrivalStage.Arrived, arrival.Stage);
        Assert.Single(logger.Entries, entry => entry.Event == "NewsLost");
    }

    [Fact]
    public async Task RunOnceAsync_HookFails_IsTold()
    {
        using var world = new ReloadWorld { News = new PurchaseNews(this, NullLogger.Instance), Hook = (_, _) => throw new InvalidOperationException("card declined") };

        var report = await world.Process().RunOnceAsync(cancellationToken: Token);

        var notice = Assert.Single(_raised);
        Assert.Equal((AlertKind.Reload, AlertSeverity.Urgent, "reload/" + report.Id), (notice.Kind, notice.Severity, notice.Once));
        Assert.DoesNotContain("card declined", notice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddPurchases_OfTwoAccountsThatShareAState_AreApart()
    {
        using var world = new PurchaseWorld();
        using var one = Provider(world, TestData.ManagementKey);
        using var other = Provider(world, TestData.ManagementKey[..^1] + "9");
        var purchase = new Purchase { Id = "p", Credits = 1, PaidAt = world.Clock.GetUtcNow() };

        await one.GetRequiredService<IBillingPurchases>().RecordAsync(purchase, Token);

        Assert.Single(await ((BillingPurchases)one.GetRequiredService<IBillingPurchases>()).ReadRecordedAsync(Token));
        Assert.Empty(await ((BillingPurchases)other.GetRequiredService<IBillingPurchases>()).ReadRecordedAsync(Token));
    }

    public Task<IReadOnlyList<BillingAlert>> CheckAsync(CancellationToken cancellationToken = default) => throw new InvalidOperationException("Nobody looks.");

    public Task<bool> RaiseAsync(AlertNotice notice, CancellationToken cancellationToken = default)
    {
        _raised.Add(notice);
        return _fault is null ? Task.FromResult(true) : Task.FromException<bool>(_fault);
    }

    private static ServiceProvider Provider(PurchaseWorld world, string managementKey)
    {
        var services = new ServiceCollection().AddSingleton(world.State);
        services.AddOpenRouterBilling(options => options.ManagementKey = managementKey).AddPurchases();
        return services.BuildServiceProvider();
    }

    private BillingPurchases Purchases(PurchaseWorld world, PurchaseNews? news = null) =>
        new(() => world.Billing, () => world.Options, world.State, "account", news ?? new PurchaseNews(this, NullLogger.Instance), world.Clock);
}
