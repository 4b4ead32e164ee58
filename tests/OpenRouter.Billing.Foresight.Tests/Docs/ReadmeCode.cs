using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace OpenRouter.Billing.Foresight.Tests.Docs;

/// <summary>The code of the READMEs that is about what is ahead, compiled.</summary>
internal static class ReadmeCode
{
    /// <summary>Where an app writes what happened.</summary>
    internal interface IJournal
    {
        ValueTask WriteAsync(BillingAlert alert);
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
}
