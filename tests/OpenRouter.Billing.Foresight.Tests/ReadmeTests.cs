using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace OpenRouter.Billing.Foresight.Tests;

/// <summary>What the package's README says is so.</summary>
public sealed partial class ReadmeTests
{
    private const string Readme = "src/OpenRouter.Billing.Foresight/README.md";

    /// <summary>Where an app writes what happened.</summary>
    internal interface IJournal
    {
        ValueTask WriteAsync(BillingAlert alert);
    }

    [Fact]
    public void Snippets_OfTheReadme_AreCompiledHere()
    {
        var compiled = Unindent(Repository.Read("tests/OpenRouter.Billing.Foresight.Tests/ReadmeTests.cs"));

        var snippets = CSharp().Matches(Repository.Read(Readme)).Select(match => match.Groups[1].Value).ToArray();

        Assert.NotEmpty(snippets);
        Assert.All(snippets, snippet => Assert.Contains(Unindent(snippet), compiled, StringComparison.Ordinal));
    }

    [Fact]
    public void AlertOptions_OfTheReadme_AreAllOfThemWithTheirDefaults()
    {
        var options = new BillingAlertOptions();

        var table = OptionRow().Matches(Repository.Read(Readme)).Select(match => (match.Groups[1].Value, match.Groups[2].Value))
            .Where(row => typeof(BillingAlertOptions).GetProperty(row.Item1) is not null);

        Assert.Equal(typeof(BillingAlertOptions).GetProperties().Select(property => (property.Name, Show(property.GetValue(options)))), table);
    }

    [Fact]
    public void Kinds_OfAlerts_AreInTheReadme()
    {
        var raisedByOthers = new[] { AlertKind.PurchaseArrived, AlertKind.PurchaseLate, AlertKind.Runaway, AlertKind.Reload, AlertKind.Custom, AlertKind.Several };

        Assert.All(Enum.GetValues<AlertKind>().Except(raisedByOthers), kind => Assert.Contains($"`{kind}`", Repository.Read(Readme), StringComparison.Ordinal));
    }

    internal static void Register(IServiceCollection services, OpenRouterBillingOptions settings)
    {
        services.AddOpenRouterBilling(options => options.ManagementKey = settings.ManagementKey)
            .AddForesight();
    }

    internal static void RegisterReload(IServiceCollection services, OpenRouterBillingOptions settings)
    {
        services.AddOpenRouterBilling(options => options.ManagementKey = settings.ManagementKey)
            .AddReload<CreditsPage>(options => options.MaxPerDay = 1);
    }

    internal static async Task BuyAsync(IBillingPurchases purchases, IBillingReload reloads, IBillingIncidents incidents, DateTimeOffset since)
    {
        PurchaseQuote quote = purchases.QuoteCheapest(100m);
        Console.WriteLine($"{quote.Credits} USD of credits cost {quote.Total} USD with the fee.");

        CreditArrival arrival = await purchases.WaitForCreditsAsync(100m);
        Console.WriteLine(arrival.Stage == CreditArrivalStage.Arrived ? "They are there." : arrival.ToTicket());

        ReloadReport reload = await reloads.RunOnceAsync();
        IncidentReport report = await incidents.GatherAsync(new IncidentQuery { From = since, Answers = [new("gen-123", "some/model:free")] });
        File.WriteAllText("ticket.md", report.ToMarkdown());
    }

#pragma warning disable CA1812 // the container would make it
    internal sealed class CreditsPage : ICreditReloader
#pragma warning restore CA1812
    {
        public ValueTask<ReloadAnswer> ReloadAsync(ReloadRequest request, CancellationToken cancellationToken = default) => ValueTask.FromResult(new ReloadAnswer());
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

    internal static void Tell(IOpenRouterBillingBuilder builder, IConfiguration settings, IJournal journal)
    {
        builder.AddBillingAlerts(options =>
            {
                options.BalanceThresholds.Add(new() { At = 20m });
                options.BalanceThresholds.Add(new() { At = 5m, Severity = AlertSeverity.Urgent, Recipients = { "on-call" } });
            })
            .AddSlackSink(hook => hook.Address = new Uri(settings["Slack"]!))
            .AddWebhookSink(hook => (hook.Address, hook.Secret) = (new Uri(settings["Pager"]!), settings["PagerSecret"]), "on-call")
            .AddAlertSink((alert, _) => journal.WriteAsync(alert));
    }

    private static string Show(object? value) =>
        value is not System.Collections.ICollection && Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "none";

    private static string Unindent(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("```csharp\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex CSharp();

    [GeneratedRegex(@"^\| `(\w+)` \| `?([^|`]+?)`? \|", RegexOptions.Multiline)]
    private static partial Regex OptionRow();
}
