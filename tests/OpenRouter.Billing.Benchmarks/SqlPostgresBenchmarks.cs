using BenchmarkDotNet.Attributes;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sql;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>What a request waits for with a ledger in PostgreSQL, beside one statement on one row: each commits to the disk.</summary>
[BenchmarkCategory("Sql", "PostgreSql")]
public class SqlPostgresBenchmarks
{
    private const int Chats = 64;

    private readonly PostgresDatabase _database = new();
    private readonly LeaseRequest _oneClaim = LeaseRequests.On([LeaseRequests.UsualLimits[0]], new string('a', 64), TimeProvider.System.GetUtcNow());
    private readonly LeaseRequest _threeClaims = LeaseRequests.OfChat();
    private readonly List<LeaseId> _open = [];
    private SqlBillingLedger _ledger = null!;
    private SqlBillingLedger _onOwnDataSource = null!;
    private BareRow _row = null!;

    [GlobalSetup]
    public void SetUp() => SetUpAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void CleanUp() => CleanUpAsync().GetAwaiter().GetResult();

    // Settling is not on a request's way. The bare statement has nothing to release, but is to be run as the others are.
    [IterationCleanup]
    public void Release()
    {
        Task.WhenAll(_open.Select(lease => _ledger.ReleaseAsync(lease).AsTask())).GetAwaiter().GetResult();
        _open.Clear();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Chats)]
    public async Task BareUpdate()
    {
        for (var chat = 0; chat < Chats; chat++)
        {
            await _row.UpdateAsync();
        }
    }

    [Benchmark(OperationsPerInvoke = Chats)]
    public Task AcquireOneClaim() => AcquireAsync(_ledger, _oneClaim);

    [Benchmark(OperationsPerInvoke = Chats)]
    public Task AcquireThreeClaims() => AcquireAsync(_ledger, _threeClaims);

    // As the package's README advises: the driver does not reset a session that nobody else uses.
    [Benchmark(OperationsPerInvoke = Chats)]
    public Task AcquireThreeClaimsOnOwnDataSource() => AcquireAsync(_onOwnDataSource, _threeClaims);

    private async Task AcquireAsync(SqlBillingLedger ledger, LeaseRequest request)
    {
        for (var chat = 0; chat < Chats; chat++)
        {
            _open.Add((await ledger.AcquireAsync(request)).Lease!.Value);
        }
    }

    private async Task SetUpAsync()
    {
        await _database.StartAsync();
        _ledger = _database.OpenLedger();
        _onOwnDataSource = _database.OpenLedger("No Reset On Close=true");
        _row = new BareRow(await _database.OpenDataSource().OpenConnectionAsync());
        await _row.CreateAsync();
    }

    private async Task CleanUpAsync()
    {
        await _row.DisposeAsync();
        await _onOwnDataSource.DisposeAsync();
        await _ledger.DisposeAsync();
        await _database.DisposeAsync();
    }
}
