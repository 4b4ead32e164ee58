using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <summary>What an account looks like at one moment, each thing asked for once.</summary>
/// <param name="At">When.</param>
/// <param name="Balance">The balance; null when nobody here may read it, or when there is none.</param>
/// <param name="Keys">All keys of all workspaces, the ones that no longer work included; null without a management key.</param>
/// <param name="CurrentKey">The registered key; null when there is none.</param>
/// <param name="Spend">What the ledger has booked.</param>
internal sealed record AccountFigures(DateTimeOffset At, CreditBalance? Balance, IReadOnlyList<ApiKey>? Keys, ApiKeyStatus? CurrentKey, IReadOnlyList<SpendEntry> Spend)
{
    private static readonly KeyQuery AllKeys = new() { AllWorkspaces = true, IncludesDisabled = true, IncludesExpired = true };

    private static readonly SpendQuery AllSpend = new()
    {
        GroupBy = SpendGrouping.Day | SpendGrouping.Project | SpendGrouping.Member | SpendGrouping.Workspace | SpendGrouping.Key | SpendGrouping.Model,
    };

    public static async Task<AccountFigures> ReadAsync(
        IOpenRouterBillingClient client,
        ISpendLedger? ledger,
        OpenRouterBillingOptions options,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        var managed = options.ManagementKey is not null;
        var balance = managed && !options.Guard.PaysByInvoice ? await client.Credits.GetAsync(cancellationToken).ConfigureAwait(false) : null;
        var keys = managed ? await ListAsync(client.Keys.ListAsync(AllKeys, cancellationToken)).ConfigureAwait(false) : null;
        var current = options.ApiKey is not null ? await client.Keys.GetCurrentAsync(cancellationToken).ConfigureAwait(false) : null;
        var spend = ledger is null ? [] : await ListAsync(ledger.ReadSpendAsync(AllSpend, cancellationToken)).ConfigureAwait(false);
        return new AccountFigures(timeProvider.GetUtcNow(), balance, keys, current, spend);
    }

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items.ConfigureAwait(false))
        {
            list.Add(item);
        }

        return list;
    }
}
