using System.Diagnostics;
using System.Globalization;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>A process that makes guarded requests.</summary>
public sealed class Worker : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private Worker(Process process) => (_process, _output, _error) = (process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());

    /// <summary>Starts one.</summary>
    public static Worker Start(SqlDialect dialect, string connectionString, OpenRouterSandbox sandbox, int requests, int parallel, decimal budget, int leaseSeconds, bool hasAllowances = false)
    {
        var program = Path.Combine(Repository.Root, "tests", "OpenRouter.Billing.Sql.Worker", "bin", Repository.Configuration, "net10.0", "OpenRouter.Billing.Sql.Worker.dll");
        string[] arguments =
        [
            program, dialect.ToString(), connectionString, sandbox.BaseAddress.ToString(), sandbox.ApiKey,
            requests.ToString(CultureInfo.InvariantCulture), parallel.ToString(CultureInfo.InvariantCulture), budget.ToString(CultureInfo.InvariantCulture), leaseSeconds.ToString(CultureInfo.InvariantCulture), hasAllowances.ToString(),
        ];
        return new Worker(Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!);
    }

    /// <summary>Ends it as the kernel ends a process that takes too much memory: in the middle of whatever it does.</summary>
    public void Kill() => _process.Kill();

    public Task EndedAsync() => _process.WaitForExitAsync(TestContext.Current.CancellationToken);

    /// <summary>Waits for its end and tells how many of its requests were admitted, refused and failed.</summary>
    public async Task<(int Admitted, int Refused, int Failed)> CountAsync()
    {
        await EndedAsync();
        Assert.True(_process.ExitCode == 0, await _error);
        var counts = (await _output).Split(' ').Select(count => int.Parse(count, CultureInfo.InvariantCulture)).ToArray();
        Assert.True(counts[2] == 0, await _error);
        return (counts[0], counts[1], counts[2]);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
