using System.Data.Common;

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>An empty database of one test, with ledgers on it. What is opened here is closed with it.</summary>
public abstract class TestDatabase : IAsyncDisposable
{
    /// <summary>How long a call may take where that is not what is tested: a machine that does other work at the same time is slow, not down.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<SqlBillingLedger> _ledgers = [];

    public abstract SqlDialect Dialect { get; }

    public abstract DbDataSource DataSource { get; }

    /// <summary>Gets options under which the ledger's tables are this test's own.</summary>
    public abstract SqlLedgerOptions Options { get; }

    /// <summary>Gets how a name begins in SQL.</summary>
    public string Prefix => Options.TablePrefix;

    /// <summary>Opens a ledger whose database has this clock. What it waits for really passes.</summary>
    public SqlBillingLedger Open(TimeProvider clock)
    {
        var ledger = new SqlBillingLedger(DataSource, Dialect, Options, TimeProvider.System, clock);
        _ledgers.Add(ledger);
        return ledger;
    }

    /// <summary>Opens a ledger by the real clocks.</summary>
    public SqlBillingLedger Open()
    {
        var ledger = new SqlBillingLedger(DataSource, Dialect, Options);
        _ledgers.Add(ledger);
        return ledger;
    }

    /// <summary>Reads one number.</summary>
    public async Task<long> CountAsync(string sql)
    {
        await using var connection = await DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until a number is at least this; it fails when it is not by then.</summary>
    public Task UntilAsync(string sql, long least = 1) => Waiting.UntilAsync(async () => await CountAsync(sql) >= least);

    public async ValueTask DisposeAsync()
    {
        // Each waits a moment for what its callers settle late; a history more is no moment more.
        await Task.WhenAll(_ledgers.Select(ledger => ledger.DisposeAsync().AsTask()));
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask CloseAsync();
}
