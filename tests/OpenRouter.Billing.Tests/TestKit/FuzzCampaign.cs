using System.Globalization;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>How long the campaigns of mutated bodies are; <c>.ci/fuzz</c> makes them long.</summary>
public static class FuzzCampaign
{
    private const string Variable = "OPENROUTER_BILLING_FUZZ";

    /// <summary>How many mutations a campaign has: what the environment asks for, else what a test run has time for.</summary>
    public static int Mutations(int usual) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } count ? int.Parse(count, CultureInfo.InvariantCulture) : usual;

    /// <summary>Runs a campaign, which fails rather than hangs: by the pace of the slowest machine that is known it would be over ten times.</summary>
    public static async Task RunAsync(int mutations, Action campaign) =>
        await Task.Run(campaign, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(2) + TimeSpan.FromMilliseconds(mutations), TestContext.Current.CancellationToken);
}
