using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;
using OpenRouter.Billing.Tests.Guard.SharedState;

namespace OpenRouter.Billing.Sql.Tests;

public sealed class SqliteBillingLedgerTests : BillingLedgerContract, IAsyncDisposable
{
    private readonly SqliteDatabase _database = new();

    protected override int BookingsOfMonths => 2_000;

    protected override ValueTask<IBillingLedger> OpenAsync() => new(_database.Open(Clock));

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}

public sealed class SqliteSpendLedgerTests : SpendLedgerContract, IAsyncDisposable
{
    private readonly SqliteDatabase _database = new();

    protected override ValueTask<ISpendLedger> OpenAsync() => new(_database.Open(Clock));

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}

public sealed class SqliteSharedStateTests : SharedStateContract, IAsyncDisposable
{
    private readonly SqliteDatabase _database = new();

    protected override ValueTask<ISharedState> OpenAsync() => new(_database.Open(Clock));

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
