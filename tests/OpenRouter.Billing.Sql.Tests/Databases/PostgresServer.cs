using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>A PostgreSQL of one's own: a new cluster in a folder, run by a user who is not root, on a free port of loopback.</summary>
/// <param name="parent">Where the folder is made, which goes with the server.</param>
/// <param name="settings">What differs from the server's own defaults.</param>
internal sealed class PostgresServer(string parent, params string[] settings) : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(parent, $"openrouter-billing-{Guid.NewGuid():N}");
    private readonly int _port = FreePort();
    private bool _isStarted;

    public static bool IsInstalled => Program("initdb") is not null;

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres;Include Error Detail=true");

    private string Data => Path.Combine(_folder, "data");

    public async Task CreateAsync()
    {
        Directory.CreateDirectory(_folder);
        if (Environment.UserName == "root")
        {
            await RunAsync("chown", "postgres", _folder);
        }

        var program = Program("initdb")!;
        // Sorts as people do, where the server can: the order in which limits are locked must not depend on it.
        string[] sorting = VersionOf(program) >= 15 ? ["--locale-provider=icu", "--icu-locale=en"] : [];
        await RunAsync(AsServer([program, "-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", .. sorting, "--no-sync", "--no-instructions"]));
        await StartAsync();
    }

    /// <summary>Stops the server as a crash would, and starts it again.</summary>
    public async Task RestartAsync()
    {
        await ControlAsync("stop", "-m", "immediate");
        await StartAsync();
    }

    /// <summary>Lets no process of the server run, or lets them all run again.</summary>
    public async Task SignalAsync(string signal)
    {
        var postmaster = (await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid")))[0].Trim();
        await RunAsync("/bin/sh", "-c", $"kill -{signal} {postmaster} $(cat /proc/{postmaster}/task/{postmaster}/children)");
    }

    public async ValueTask DisposeAsync()
    {
        if (_isStarted)
        {
            await ControlAsync("stop", "-m", "immediate");
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task StartAsync()
    {
        string[] all = ["listen_addresses=127.0.0.1", .. settings];
        var options = string.Create(CultureInfo.InvariantCulture, $"-p {_port} -k {_folder} {string.Join(' ', all.Select(setting => "-c " + setting))}");
        await ControlAsync("start", "-w", "-t", "120", "-l", Path.Combine(_folder, "log"), "-o", options);
        _isStarted = true;
    }

    private Task ControlAsync(params string[] arguments) => RunAsync(AsServer([Program("pg_ctl")!, .. arguments, "-D", Data]));

    private static string[] AsServer(params string[] command) => Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--", .. command] : command;

    private static string? Program(string name) => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin", name)).Where(File.Exists).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    // As the folder is called in which Debian's packages lie, "15" or "9.6".
    private static decimal VersionOf(string program) => decimal.Parse(Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(program)))!, CultureInfo.InvariantCulture);

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
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}.");
        }
    }
}
