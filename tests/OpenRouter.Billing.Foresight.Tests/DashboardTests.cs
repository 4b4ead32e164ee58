using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Foresight.Tests;

/// <summary>The sample as somebody runs it whose output goes into a file.</summary>
public sealed class DashboardTests
{
    [Fact]
    public async Task Dashboard_NoKey_PlaysTheDaysAndEndsByItself()
    {
        var run = await RunAsync([], "--days", "3", "--for", "00:03:00");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("Sandbox, day 1 of 3", run.Output, StringComparison.Ordinal);
        Assert.Contains("Sandbox, day 3 of 3", run.Output, StringComparison.Ordinal);
        Assert.Contains("Balance", run.Output, StringComparison.Ordinal);
        Assert.Contains("nightly batch", run.Output, StringComparison.Ordinal);
        Assert.Contains("Free requests", run.Output, StringComparison.Ordinal);
        Assert.Contains("cents by model", run.Output, StringComparison.Ordinal);
        Assert.Contains("The brake tripped", run.Output, StringComparison.Ordinal);
        Assert.Contains("Report: 12 answers", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-or-", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dashboard_TimeIsUp_EndsWithItsLastFrame()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(options => options.InitialCredits = 12.34m, TestContext.Current.CancellationToken);

        var run = await RunAsync(Keys(sandbox), "--for", "00:00:08");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("Your account", run.Output, StringComparison.Ordinal);
        Assert.Contains("12.34", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, sandbox.Requests.Count("POST /chat/completions"));
    }

    [Theory]
    [InlineData("--for", "forever")]
    [InlineData("--days", "0")]
    [InlineData("--speed", "9")]
    public async Task Dashboard_NotUnderstood_SaysSoInOneSentence(string option, string value)
    {
        var run = await RunAsync([], option, value);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"'{option} {value}' is not understood", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dashboard_AddressThatIsNone_SaysSoInOneSentence()
    {
        var run = await RunAsync(new() { ["OPENROUTER_API_KEY"] = "sk-or-v1-unused", ["OPENROUTER_BASE_URL"] = "somewhere" });

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("OPENROUTER_BASE_URL is 'somewhere', which is no address: use one such as https://openrouter.ai/api/v1/.", run.Error.Trim());
    }

    private static Dictionary<string, string?> Keys(OpenRouterSandbox sandbox) => new()
    {
        ["OPENROUTER_API_KEY"] = sandbox.ApiKey,
        ["OPENROUTER_MANAGEMENT_KEY"] = sandbox.ManagementKey,
        ["OPENROUTER_BASE_URL"] = sandbox.BaseAddress.ToString(),
    };

    private static Task<DotnetResult> RunAsync(Dictionary<string, string?> environment, params string[] arguments) =>
        Dotnet.RunAsync(Repository.Root, environment, [Repository.Sample("Dashboard"), .. arguments]);
}
