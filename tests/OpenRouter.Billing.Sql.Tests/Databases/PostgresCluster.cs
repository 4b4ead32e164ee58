using Npgsql;

[assembly: AssemblyFixture(typeof(OpenRouter.Billing.Sql.Tests.PostgresCluster))]
// Most tests wait for a server, for a clock or for other processes, and do not need a core for it.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>
/// A PostgreSQL of the tests' own, in memory where the machine has a file system there. Or the one whose connection string
/// stands in OPENROUTER_BILLING_POSTGRES, which no test stops then.
/// </summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private const string Variable = "OPENROUTER_BILLING_POSTGRES";

    // What is written need not survive a power cut of the machine that runs the tests.
    private static readonly string[] Settings = ["fsync=off", "full_page_writes=off", "max_connections=300", "deadlock_timeout=200ms"];

    private readonly SemaphoreSlim _gate = new(1);
    private readonly PostgresServer _server = new(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), Settings);
    private readonly string? _given = Environment.GetEnvironmentVariable(Variable);
    private NpgsqlDataSource? _dataSource;

    /// <summary>Gets what connects to it.</summary>
    public string ConnectionString => _given ?? _server.ConnectionString;

    /// <summary>Starts it once. The test is skipped where PostgreSQL is not installed.</summary>
    public async Task<NpgsqlDataSource> OpenAsync()
    {
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_dataSource is null)
            {
                if (_given is null)
                {
                    Assert.SkipUnless(PostgresServer.IsInstalled, $"PostgreSQL is not installed (apt-get install postgresql), and {Variable} names no server.");
                    await _server.CreateAsync();
                }

                _dataSource = NpgsqlDataSource.Create(ConnectionString);
            }

            return _dataSource;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The processes of the server are the tests' own only when the tests started it.</summary>
    public void SkipWhereItIsNotOurs() => Assert.SkipWhen(_given is not null, $"The server in {Variable} is not this test's to stop.");

    /// <summary>Stops the server as a crash would, and starts it again.</summary>
    public Task RestartAsync() => _server.RestartAsync();

    /// <summary>Lets no process of the server run, or lets them all run again.</summary>
    public Task SignalAsync(string signal) => _server.SignalAsync(signal);

    public async ValueTask DisposeAsync()
    {
        if (_dataSource is not null)
        {
            await _dataSource.DisposeAsync();
        }

        await _server.DisposeAsync();
        _gate.Dispose();
    }
}
