using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql.Tests.Allowances;

public sealed class AllowancesBillingBuilderExtensionsTests
{
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

    [Fact]
    public void WithAllowances_WithoutASqlLedger_SaysWhatIsMissing()
    {
        var builder = new ServiceCollection().AddOpenRouterBilling();

        var refused = Assert.Throws<InvalidOperationException>(() => builder.WithAllowances());

        Assert.Contains("WithSqlLedger", refused.Message, StringComparison.Ordinal);
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
