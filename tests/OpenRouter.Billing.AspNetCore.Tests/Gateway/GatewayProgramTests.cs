using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenRouter.Billing.AspNetCore.Tests.Gateway;

/// <summary>The sample as a newcomer runs it: a program of its own, its output and its end.</summary>
public sealed class GatewayProgramTests
{
    [Fact]
    public async Task Gateway_NoKeyAndATimeToStop_PrintsItsAddressesAndEnds()
    {
        var (exitCode, output, errors) = await RunAsync([], "--port", "0", "--for", "1");

        Assert.True(exitCode == 0, output + errors);
        Assert.Matches(@"Chat +http://127\.0\.0\.1:\d+/chat/\{project\} ", output);
        Assert.Matches(@"Dashboard +http://127\.0\.0\.1:\d+/billing ", output);
        Assert.Matches(@"curl -u alice:[0-9a-f]{16} ", output);
    }

    [Fact]
    public async Task Gateway_PortInUse_SaysSoInOneSentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var (exitCode, _, errors) = await RunAsync([], "--port", port, "--for", "1");

        Assert.Equal(1, exitCode);
        Assert.Equal($"Port {port} on 127.0.0.1 is in use: choose another with --port, or 0 for any free one.", errors.Trim());
    }

    [Fact]
    public async Task Gateway_AddressOfAnotherScheme_SaysSoInOneSentence()
    {
        var (exitCode, _, errors) = await RunAsync(new() { ["OPENROUTER_API_KEY"] = "sk-or-v1-unused", ["OPENROUTER_BASE_URL"] = "ftp://example.com/" }, "--port", "0", "--for", "1");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("BaseAddress ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(" at ", errors, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Sample("ChatGateway"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "OPENROUTER_API_KEY", "OPENROUTER_MANAGEMENT_KEY", "OPENROUTER_BASE_URL" })
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, errors);
    }
}
