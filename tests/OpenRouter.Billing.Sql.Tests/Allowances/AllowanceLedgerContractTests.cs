using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sql;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests.Allowances;

/// <summary>With allowances a ledger is still a ledger.</summary>
public sealed class AllowanceLedgerContractTests : BillingLedgerContract
{
    protected override ValueTask<IBillingLedger> OpenAsync() => new(new AllowanceLedger(new InMemoryBillingLedger(Clock), timeProvider: Clock));
}

/// <summary>The same where the shared ledger knows leases for many requests.</summary>
public sealed class BulkAllowanceLedgerContractTests : BillingLedgerContract
{
    protected override ValueTask<IBillingLedger> OpenAsync() => new(new AllowanceLedger(new SharedLedger(new InMemoryBillingLedger(Clock)), timeProvider: Clock));
}

/// <summary>With allowances sums of spending are still sums.</summary>
public sealed class AllowanceSpendContractTests : SpendLedgerContract
{
    protected override ValueTask<ISpendLedger> OpenAsync() => new(new AllowanceLedger(new InMemoryBillingLedger(Clock), timeProvider: Clock));
}

/// <summary>The same where the shared ledger knows leases for many requests.</summary>
public sealed class BulkAllowanceSpendContractTests : SpendLedgerContract
{
    protected override ValueTask<ISpendLedger> OpenAsync() => new(new AllowanceLedger(new SharedLedger(new InMemoryBillingLedger(Clock)), timeProvider: Clock));
}
