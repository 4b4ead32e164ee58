using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;
using OpenRouter.Billing.Tests.Guard.SharedState;

namespace OpenRouter.Billing.Sql.Tests;

public sealed class PostgresBillingLedgerTests(PostgresCluster cluster) : BillingLedgerContract, IAsyncDisposable
{
    private PostgresDatabase? _database;

    protected override int BookingsOfMonths => 2_000;

    protected override async ValueTask<IBillingLedger> OpenAsync() => (_database ??= await PostgresDatabase.OpenAsync(cluster)).Open(Clock);

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}

public sealed class PostgresSpendLedgerTests(PostgresCluster cluster) : SpendLedgerContract, IAsyncDisposable
{
    private PostgresDatabase? _database;

    protected override async ValueTask<ISpendLedger> OpenAsync() => (_database ??= await PostgresDatabase.OpenAsync(cluster)).Open(Clock);

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}

public sealed class PostgresSharedStateTests(PostgresCluster cluster) : SharedStateContract, IAsyncDisposable
{
    private PostgresDatabase? _database;

    protected override async ValueTask<ISharedState> OpenAsync() => (_database ??= await PostgresDatabase.OpenAsync(cluster)).Open(Clock);

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
