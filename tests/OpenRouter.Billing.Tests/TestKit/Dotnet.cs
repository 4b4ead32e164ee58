using System.Diagnostics;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>Runs the SDK's command line, with a clean environment as far as keys and build servers go.</summary>
public static class Dotnet
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static Task<DotnetResult> RunAsync(string workingDirectory, params string[] arguments) =>
        RunAsync(workingDirectory, new Dictionary<string, string?>(), arguments);

    public static Task<DotnetResult> RunAsync(string workingDirectory, IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        RunAsync("dotnet", workingDirectory, environment, arguments);

    /// <summary>Runs a program that needs no command line of the SDK.</summary>
    public static Task<DotnetResult> RunProgramAsync(string file, string workingDirectory) =>
        RunAsync(file, workingDirectory, new Dictionary<string, string?>(), []);

    private static async Task<DotnetResult> RunAsync(string file, string workingDirectory, IReadOnlyDictionary<string, string?> environment, string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What the test host was started with must not steer the build that a test starts.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("OPENROUTER_", StringComparison.Ordinal) || name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return new DotnetResult(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}

/// <summary>How a command ended.</summary>
public sealed record DotnetResult(int ExitCode, string Output, string Error);
