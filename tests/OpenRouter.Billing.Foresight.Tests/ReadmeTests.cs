using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;

namespace OpenRouter.Billing.Foresight.Tests;

/// <summary>What the package's README says is so.</summary>
public sealed partial class ReadmeTests
{
    private const string Readme = "src/OpenRouter.Billing.Foresight/README.md";

    [Fact]
    public void Snippets_OfTheReadme_AreCompiledHere()
    {
        var compiled = Unindent(Repository.Read("tests/OpenRouter.Billing.Foresight.Tests/ReadmeTests.cs"));

        var snippets = CSharp().Matches(Repository.Read(Readme)).Select(match => match.Groups[1].Value).ToArray();

        Assert.NotEmpty(snippets);
        Assert.All(snippets, snippet => Assert.Contains(Unindent(snippet), compiled, StringComparison.Ordinal));
    }

    internal static void Register(IServiceCollection services, OpenRouterBillingOptions settings)
    {
        services.AddOpenRouterBilling(options => options.ManagementKey = settings.ManagementKey)
            .AddForesight();
    }

    internal static async Task AskAsync(IBillingForecaster forecaster)
    {
        Forecast balance = await forecaster.ForecastAsync();
        Console.WriteLine($"{balance.Remaining} USD, {balance.PerDay} USD a day: gone {balance.Depletion?.Expected}, at the earliest {balance.Depletion?.Earliest}.");

        foreach (Forecast limit in await forecaster.ForecastLimitsAsync())
        {
            Console.WriteLine($"{limit.Name}: {limit.Outcome} until {limit.ResetsAt}");
        }
    }

    private static string Unindent(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("```csharp\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex CSharp();
}
