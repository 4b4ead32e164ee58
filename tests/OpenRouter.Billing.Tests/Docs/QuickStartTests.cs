using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Docs;

/// <summary>The sample as a newcomer runs it: a program of its own, its output and its exit code.</summary>
public sealed class QuickStartTests
{
    [Fact]
    public async Task QuickStart_NoKey_TellsTheWholeStoryOnTheSandbox()
    {
        var run = await RunAsync([]);

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("Balance", run.Output, StringComparison.Ordinal);
        Assert.Contains("Free requests today", run.Output, StringComparison.Ordinal);
        Assert.Contains("cents by model", run.Output, StringComparison.Ordinal);
        Assert.Contains("Admitted.", run.Output, StringComparison.Ordinal);
        Assert.Contains("KeyLimitExceededException", run.Output, StringComparison.Ordinal);
        Assert.Contains("FreeModelQuotaExceededException", run.Output, StringComparison.Ordinal);
        Assert.Contains("InsufficientCreditsException", run.Output, StringComparison.Ordinal);
        Assert.Contains("reached the server: 1.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task QuickStart_WithKeys_ShowsThatAccountAndSendsNothingThatCosts()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(options => options.InitialCredits = 12.34m, TestContext.Current.CancellationToken);
        var run = await RunAsync(new() { ["OPENROUTER_API_KEY"] = sandbox.ApiKey, ["OPENROUTER_MANAGEMENT_KEY"] = sandbox.ManagementKey, ["OPENROUTER_BASE_URL"] = sandbox.BaseAddress.ToString() });

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("12.34 USD", run.Output, StringComparison.Ordinal);
        Assert.Equal(3, sandbox.Requests.Total);
        Assert.Equal(0, sandbox.Requests.Count("POST /chat/completions"));
    }

    [Fact]
    public async Task QuickStart_WithoutManagementKey_SaysThatTheBalanceIsUnknown()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var run = await RunAsync(new() { ["OPENROUTER_API_KEY"] = sandbox.ApiKey, ["OPENROUTER_BASE_URL"] = sandbox.BaseAddress.ToString() });

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("unknown", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TestData.ApiKey)]
    [InlineData("no-key-at-all")]
    public async Task QuickStart_WrongKey_SaysSoInOneSentenceAndFails(string key)
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var run = await RunAsync(new() { ["OPENROUTER_API_KEY"] = key, ["OPENROUTER_BASE_URL"] = sandbox.BaseAddress.ToString() });

        Assert.Equal(1, run.ExitCode);
        Assert.Single(run.Error.Trim().Split('\n'));
        Assert.DoesNotContain(key, run.Output + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task QuickStart_RememberTwice_CountsOn()
    {
        var file = Path.Combine(Path.GetTempPath(), $"quickstart-{Guid.NewGuid():N}.db");
        try
        {
            var first = await RunAsync([], "--remember", file);
            var second = await RunAsync([], "--remember", file);

            Assert.True(first.ExitCode == 0 && second.ExitCode == 0, first.Error + second.Error);
            Assert.Contains("0 of 50 free requests", OneLine(first), StringComparison.Ordinal);
            Assert.Contains("2 of 50 free requests", OneLine(second), StringComparison.Ordinal);
            Assert.Contains("openai/gpt-4o-mini: 2 requests", OneLine(second), StringComparison.Ordinal);
        }
        finally
        {
            Array.ForEach(Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(file) + "*"), File.Delete);
        }

        // A terminal's width breaks lines anywhere between words.
        static string OneLine(DotnetResult run) => string.Join(' ', run.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static Task<DotnetResult> RunAsync(Dictionary<string, string?> environment, params string[] arguments) =>
        Dotnet.RunAsync(Repository.Root, environment, [Repository.Sample("QuickStart"), .. arguments]);
}
