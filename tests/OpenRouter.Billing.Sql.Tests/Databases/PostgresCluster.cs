using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

[assembly: AssemblyFixture(typeof(OpenRouter.Billing.Sql.Tests.PostgresCluster))]
// Most tests wait for a server, for a clock or for other processes, and do not need a core for it.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>
/// A PostgreSQL of the tests' own: a new cluster in a temporary folder, in memory where the machine has a file system there, run by a user who is not root, on a free port of
/// loopback. Or the one whose connection string stands in OPENROUTER_BILLING_POSTGRES, which no test stops then.
/// </summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private const string Variable = "OPENROUTER_BILLING_POSTGRES";

    private readonly SemaphoreSlim _gate = new(1);
    private readonly string _folder = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"openrouter-billing-{Guid.NewGuid():N}");
    private readonly int _port = FreePort();
    private readonly string? _given = Environment.GetEnvironmentVariable(Variable);
    private NpgsqlDataSource? _dataSource;
    private bool _isStarted;

    /// <summary>Gets what connects to it.</summary>
    public string ConnectionString => _given ?? string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres;Include Error Detail=true");

    private string Data => Path.Combine(_folder, "data");

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
                    await CreateAsync();
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
    public async Task RestartAsync()
    {
        await ControlAsync("stop", "-m", "immediate");
        await StartAsync();
    }

    /// <summary>Lets no process of the server run, or lets them all run again.</summary>
    public async Task SignalAsync(string signal)
    {
        var postmaster = (await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid"), TestContext.Current.CancellationToken))[0].Trim();
        await RunAsync("/bin/sh", "-c", $"kill -{signal} {postmaster} $(cat /proc/{postmaster}/task/{postmaster}/children)");
    }

    public async ValueTask DisposeAsync()
    {
        if (_dataSource is not null)
        {
            await _dataSource.DisposeAsync();
        }

        if (_isStarted)
        {
            await ControlAsync("stop", "-m", "immediate");
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }

        _gate.Dispose();
    }

    private async Task CreateAsync()
    {
        Assert.SkipUnless(Program("initdb") is not null, $"PostgreSQL is not installed (apt-get install postgresql), and {Variable} names no server.");
        Directory.CreateDirectory(_folder);
        if (Environment.UserName == "root")
        {
            await RunAsync("chown", "postgres", _folder);
        }

        await RunAsync(AsServer(Program("initdb")!, "-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"));
        await StartAsync();
    }

    private async Task StartAsync()
    {
        // What is written need not survive a power cut of the machine that runs the tests.
        var options = string.Create(CultureInfo.InvariantCulture, $"-p {_port} -k {_folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=300 -c deadlock_timeout=200ms");
        await ControlAsync("start", "-w", "-t", "120", "-l", Path.Combine(_folder, "log"), "-o", options);
        _isStarted = true;
    }

    private Task ControlAsync(params string[] arguments) => RunAsync(AsServer([Program("pg_ctl")!, .. arguments, "-D", Data]));

    private static string[] AsServer(params string[] command) => Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--", .. command] : command;

    private static string? Program(string name) => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin", name)).Where(File.Exists).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // The server outlives what starts it and would keep a pipe open, so nothing of its output is read.
    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", .. command]))!;
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)} ended with {process.ExitCode}.");
    }
}
