using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>How allowances are written in the ledger that processes share: in one lease for many requests, where it knows such.</summary>
internal sealed class SharedBooks(ISpendLedger shared, AllowanceOptions options)
{
    private readonly IBulkLedger? _bulk = shared as IBulkLedger;

    /// <summary>Asks for an allowance.</summary>
    public ValueTask<LedgerAnswer> AcquireAsync(AllowanceDraft draft) =>
        (_bulk is null ? draft.Request with { Labels = null } : draft.Request).AcquireAsync(shared, CancellationToken.None);

    /// <summary>Settles an allowance with what its requests used.</summary>
    public async Task SettleAsync(ReplacedAllowance replaced, bool isLabelled)
    {
        var used = replaced.Used;
        if (_bulk is not null && isLabelled)
        {
            await _bulk.SettleAsync(replaced.Lease, new BulkSettlement(used.Of(LimitUnit.Requests), used.Of(LimitUnit.UsDollars), used.Of(LimitUnit.UsDollarsWithByok), replaced.Booked)).ConfigureAwait(false);
            return;
        }

        // Together: a ledger that writes in batches writes them in one.
        await Task.WhenAll(
            shared.SettleAsync(replaced.Lease, LimitUnit.Requests, used.Of(LimitUnit.Requests)).AsTask(),
            shared.SettleAsync(replaced.Lease, LimitUnit.UsDollars, used.Of(LimitUnit.UsDollars)).AsTask(),
            shared.SettleAsync(replaced.Lease, LimitUnit.UsDollarsWithByok, used.Of(LimitUnit.UsDollarsWithByok)).AsTask()).ConfigureAwait(false);
    }

    /// <summary>Tells of one request's spending, when it has ended, where no lease stands for many.</summary>
    public ValueTask BookAsync(LocalLease ended, SpendLabels? labels, CancellationToken cancellationToken) =>
        _bulk is null && ended.IsBooked && labels is { } whose
            ? BookAsync(new LeaseRequest { Claims = [], Duration = options.LeaseDuration, Labels = whose, ClaimedCost = ended.Spent[0] }, ended, cancellationToken)
            : ValueTask.CompletedTask;

    private async ValueTask BookAsync(LeaseRequest request, LocalLease ended, CancellationToken cancellationToken)
    {
        if ((await shared.AcquireAsync(request, cancellationToken).ConfigureAwait(false)).Lease is { } lease)
        {
            await shared.SettleAsync(lease, LimitUnit.UsDollars, ended.Spent.Of(LimitUnit.UsDollars), cancellationToken).ConfigureAwait(false);
            await shared.SettleAsync(lease, LimitUnit.UsDollarsWithByok, ended.Spent.Of(LimitUnit.UsDollarsWithByok), cancellationToken).ConfigureAwait(false);
        }
    }
}
