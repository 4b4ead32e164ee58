using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace OpenRouter.Billing.Sandbox.Tests;

public sealed class SandboxServerTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WithKeys_PrintsThreeLinesAndServes()
    {
        using Process server = Start("--port", "0", "--credits", "2.50", "--api-key", "one", "--management-key", "two");
        try
        {
            string? address = await server.StandardOutput.ReadLineAsync(Cancelled);
            string? apiKey = await server.StandardOutput.ReadLineAsync(Cancelled);
            string? managementKey = await server.StandardOutput.ReadLineAsync(Cancelled);
            Assert.Matches("^OPENROUTER_BASE_URL=http://127\\.0\\.0\\.1:[0-9]+/api/v1$", address);
            Assert.Equal(("OPENROUTER_API_KEY=one", "OPENROUTER_MANAGEMENT_KEY=two"), (apiKey, managementKey));

            using HttpClient http = new();
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "two");
            string credits = await http.GetStringAsync(new Uri(address!.Split('=')[1] + "/credits"), Cancelled);
            Assert.Equal("""{"data":{"total_credits":2.5,"total_usage":0}}""", credits);

            await TerminateAsync(server);
            Assert.Equal(0, server.ExitCode);
            Assert.Equal("", await server.StandardOutput.ReadToEndAsync(Cancelled));
        }
        finally
        {
            server.Kill();
        }
    }

    [Theory]
    [InlineData("--port", "70000")]
    [InlineData("--port", "x")]
    [InlineData("--port")]
    [InlineData("--credits", "-1")]
    [InlineData("--history", "lots")]
    [InlineData("--output-tokens", "0")]
    [InlineData("--api-key", "")]
    [InlineData("--api-key", "same", "--management-key", "same")]
    [InlineData("--colour", "red")]
    public async Task Run_WithBadArguments_SaysWhyInOneLineAndExits2(params string[] arguments)
    {
        using Process server = Start(arguments);

        await server.WaitForExitAsync(Cancelled);

        Assert.Equal(2, server.ExitCode);
        Assert.Single((await server.StandardError.ReadToEndAsync(Cancelled)).Trim().Split('\n'), line => line.Contains("--", StringComparison.Ordinal));
        Assert.Equal("", await server.StandardOutput.ReadToEndAsync(Cancelled));
    }

    [Fact]
    public async Task Run_OnPortInUse_SaysSoAndExits1()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using Process server = Start("--port", port.ToString(CultureInfo.InvariantCulture));

        await server.WaitForExitAsync(Cancelled);

        Assert.Equal(1, server.ExitCode);
        Assert.StartsWith($"Port {port} on 127.0.0.1 is in use", await server.StandardError.ReadToEndAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithHelp_ListsTheOptions()
    {
        using Process server = Start("--help");

        await server.WaitForExitAsync(Cancelled);

        Assert.Equal(0, server.ExitCode);
        Assert.Contains("--management-key", await server.StandardOutput.ReadToEndAsync(Cancelled), StringComparison.Ordinal);
    }

    private static Process Start(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "SandboxServer.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    /// <summary>Asks politely where the system can; elsewhere a process can only be killed, which proves nothing here.</summary>
    private static async Task TerminateAsync(Process server)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGTERM on Windows.");
        using Process kill = Process.Start("kill", ["-TERM", server.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Cancelled);
        await server.WaitForExitAsync(Cancelled);
    }
}
