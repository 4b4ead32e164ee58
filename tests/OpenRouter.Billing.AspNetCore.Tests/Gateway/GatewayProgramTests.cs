using System.Diagnostics;

namespace OpenRouter.Billing.AspNetCore.Tests.Gateway;

/// <summary>The sample as a newcomer runs it: a program of its own, its output and its end.</summary>
public sealed class GatewayProgramTests
{
    [Fact]
    public async Task Gateway_NoKeyAndATimeToStop_PrintsItsAddressesAndEnds()
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Sample("ChatGateway"), "--port", "0", "--for", "1"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "OPENROUTER_API_KEY", "OPENROUTER_MANAGEMENT_KEY", "OPENROUTER_BASE_URL" })
        {
            start.Environment.Remove(name);
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, output + errors);
        Assert.Matches(@"Chat +http://127\.0\.0\.1:\d+/chat/\{project\} ", output);
        Assert.Matches(@"Dashboard +http://127\.0\.0\.1:\d+/billing ", output);
        Assert.Matches(@"curl -u alice:[0-9a-f]{16} ", output);
    }
}
