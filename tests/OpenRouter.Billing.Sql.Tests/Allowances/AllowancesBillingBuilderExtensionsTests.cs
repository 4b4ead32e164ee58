using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests.Allowances;

public sealed class AllowancesBillingBuilderExtensionsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("research")]
    public async Task WithAllowances_AfterTheSqlLedger_TakesItsPlace(string name)
    {
        await using var database = new SqliteDatabase();
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(name, options => options.ApiKey = TestKey).WithSqlLedger(database.Dialect, database.DataSource).WithAllowances(options => options.MaxRequests = 8);
        await using var provider = services.BuildServiceProvider();

        var ledger = provider.GetRequiredKeyedService<IBillingLedger>(name);

        Assert.IsType<AllowanceLedger>(ledger);
        Assert.Same(ledger, provider.GetRequiredKeyedService<ISpendLedger>(name));
        Assert.IsType<SqlBillingLedger>(provider.GetRequiredKeyedService<ISharedState>(name));
        Assert.NotNull(provider.GetRequiredKeyedService<IBillingGuard>(name));
        Assert.Equal(8, provider.GetRequiredService<IOptionsMonitor<AllowanceOptions>>().Get(name).MaxRequests);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("research", false)]
    [InlineData("research", true)]
    public async Task WithAllowances_ServicesDisposedOf_BooksWhatWasUsedAndHoldsNothing(string name, bool isSync)
    {
        await using var database = new SqliteDatabase();
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(name, options => options.ApiKey = TestKey).WithSqlLedger(database.Dialect, database.DataSource, options => options.Timeout = TimeSpan.FromMinutes(1)).WithAllowances();
        var provider = services.BuildServiceProvider();
        Assert.NotNull(provider.GetRequiredKeyedService<IBillingGuard>(name));
        var ledger = provider.GetRequiredKeyedService<IBillingLedger>(name);
        var used = 0;
        await Waiting.UntilAsync(async () =>
        {
            await UseAsync();
            return await database.CountAsync("SELECT coalesce(max(amount), 0) FROM openrouter_billing_holds") > 10;
        });
        for (var count = 0; count < 60; count++)
        {
            await UseAsync();
        }

        if (isSync)
        {
#pragma warning disable CA1849 // disposing of it so is what is tested
            provider.Dispose();
#pragma warning restore CA1849
        }
        else
        {
            await provider.DisposeAsync();
        }

        var usage = (await database.Open().PeekAsync([Claims.Money("balance", 0, 0, DateTimeOffset.UnixEpoch)], Cancellation))[0];
        Assert.Equal((used, 0), (usage.Settled, usage.Leased));
        Assert.Equal(0, await database.CountAsync("SELECT count(*) FROM openrouter_billing_holds"));

        async Task UseAsync()
        {
            var lease = (await ledger.AcquireAsync([Claims.Money("balance", 10, long.MaxValue, DateTimeOffset.UnixEpoch)], TimeSpan.FromMinutes(15), Cancellation)).Lease!.Value;
            await ledger.SettleAsync(lease, LimitUnit.UsDollars, 3, Cancellation);
            used += 3;
        }
    }

    [Fact]
    public void WithAllowances_WithoutASqlLedger_SaysWhatIsMissing()
    {
        var builder = new ServiceCollection().AddOpenRouterBilling();

        var refused = Assert.Throws<InvalidOperationException>(() => builder.WithAllowances());

        Assert.Contains("WithSqlLedger", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("research")]
    public async Task WithSqlLedger_AfterAllowances_SaysThatItIsToBeCalledBefore(string name)
    {
        await using var database = new SqliteDatabase();
        var services = new ServiceCollection();
        var builder = services.AddOpenRouterBilling(name, options => options.ApiKey = TestKey).WithSqlLedger(database.Dialect, database.DataSource).WithAllowances();
        var before = services.ToArray();

        var refused = Assert.Throws<InvalidOperationException>(() => builder.WithSqlLedger(database.Dialect, database.DataSource));

        Assert.Contains("call WithSqlLedger before WithAllowances", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, services);
        services.AddOpenRouterBilling("another", options => options.ApiKey = TestKey).WithSqlLedger(database.Dialect, database.DataSource);
    }

    [Fact]
    public async Task WithAllowances_WrongOptions_SaysWhich()
    {
        await using var database = new SqliteDatabase();
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options => options.ApiKey = TestKey).WithSqlLedger(database.Dialect, database.DataSource).WithAllowances(options => options.MaxRequests = 0);
        await using var provider = services.BuildServiceProvider();

        var refused = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IBillingLedger>());

        Assert.Contains("MaxRequests is 0", refused.Message, StringComparison.Ordinal);
    }

    private const string TestKey = "sk-or-v1-1111111111111111111111111111111111111111111111111111111111111111";
}
