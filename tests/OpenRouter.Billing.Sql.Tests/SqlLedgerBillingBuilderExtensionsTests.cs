using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests;

public sealed class SqlLedgerBillingBuilderExtensionsTests : IAsyncDisposable
{
    private static readonly ServiceProviderOptions Checked = new() { ValidateOnBuild = true, ValidateScopes = true };

    private readonly SqliteDatabase _database = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("research")]
    public async Task WithSqlLedger_Account_HasOneLedgerForAllThatItDoes(string name)
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(name, options => options.ApiKey = "key").WithSqlLedger(SqlDialect.Sqlite, _database.DataSource);
        await using var provider = services.BuildServiceProvider(Checked);

        var ledger = provider.GetRequiredKeyedService<SqlBillingLedger>(name);

        Assert.Same(ledger, provider.GetRequiredKeyedService<IBillingLedger>(name));
        Assert.Same(ledger, provider.GetRequiredKeyedService<ISpendLedger>(name));
        Assert.Same(ledger, provider.GetRequiredKeyedService<ISharedState>(name));
        Assert.Equal(name.Length == 0, ReferenceEquals(ledger, provider.GetService<IBillingLedger>()));
        Assert.NotNull(provider.GetRequiredKeyedService<IBillingGuard>(name));
    }

    [Fact]
    public async Task WithSqlLedger_ServicesDisposedOf_WritesWhatIsQueuedAndLeavesTheDataSource()
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options => options.ApiKey = "key").WithSqlLedger(SqlDialect.Sqlite, _ => _database.DataSource);
        Task settling;
        await using (var provider = services.BuildServiceProvider(Checked))
        {
            var ledger = provider.GetRequiredService<IBillingLedger>();
            var lease = (await ledger.AcquireAsync([Claims.Money("a", 5, 5, DateTimeOffset.UnixEpoch)], TimeSpan.FromMinutes(15), Cancellation)).Lease!.Value;
            settling = ledger.SettleAsync(lease, LimitUnit.UsDollars, 2, Cancellation).AsTask();
        }

        await settling;
        Assert.Equal(2, (await _database.Open().PeekAsync([Claims.Money("a", 0, 0, DateTimeOffset.UnixEpoch)], Cancellation))[0].Settled);
    }

    [Fact]
    public async Task WithSqlLedger_CalledTwice_TheSecondCounts()
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options => options.ApiKey = "key")
            .WithSqlLedger(SqlDialect.PostgreSql, _ => throw new InvalidOperationException("Not this one."))
            .WithSqlLedger(SqlDialect.Sqlite, _database.DataSource, options => options.TablePrefix = "second_");
        await using var provider = services.BuildServiceProvider(Checked);

        await provider.GetRequiredService<IBillingLedger>().AcquireAsync([], TimeSpan.FromMinutes(1), Cancellation);

        Assert.Equal(0, await _database.CountAsync("SELECT count(*) FROM second_holds"));
    }

    [Fact]
    public async Task WithSqlLedger_OptionsThatCannotBe_FailWhenTheLedgerIsAskedFor()
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options => options.ApiKey = "key").WithSqlLedger(SqlDialect.Sqlite, _database.DataSource, options => options.TablePrefix = "no good");
        await using var provider = services.BuildServiceProvider(Checked);

        var fault = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IBillingLedger>());

        Assert.Contains("TablePrefix is 'no good'", fault.Message, StringComparison.Ordinal);
    }
}
