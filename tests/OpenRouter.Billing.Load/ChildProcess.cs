using System.Diagnostics;

namespace OpenRouter.Billing.Load;

/// <summary>A program of this repository, started on the loopback and ended with this one.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private int _isOver;

    private ChildProcess(Process process) => _process = process;

    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<ChildProcess> StartAsync(string sample, string[] arguments, string[] environment)
    {
        var root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var program = Path.Combine(root, "samples", sample, "bin", configuration, "net10.0", sample + ".dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true };
        foreach (var pair in environment)
        {
            start.Environment[pair.Split('=')[0]] = pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..];
        }

        var child = new ChildProcess(Process.Start(start)!);
        using var time = new CancellationTokenSource(LongestStart);
        // Both print three lines or more once they listen.
        while (child._lines.Count < 4 && await child._process.StandardOutput.ReadLineAsync(time.Token) is { } line)
        {
            child._lines.Add(line);
            if (sample == "SandboxServer" && child._lines.Count == 3)
            {
                break;
            }
        }

        return child;
    }

    public string Line(string prefix) => _lines.First(line => line.StartsWith(prefix, StringComparison.Ordinal))[prefix.Length..].Trim().Split(' ')[0];

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
