using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Sql;

namespace QuickStart;

/// <summary>
/// Run it twice: the sandbox begins anew each time and knows nothing of the last run, as a server does that counts late. The
/// ledger is a file, and counts on.
/// </summary>
internal static class Remembering
{
    private const string FreeModel = "meta-llama/llama-3.3-70b-instruct:free";
    private const string PaidModel = "openai/gpt-4o-mini";

    // The same account in each run, so that the ledger finds it again.
    private const string ApiKey = "sk-or-v1-quickstart-remembers";
    private const string ManagementKey = "sk-or-v1-quickstart-management";

    public static async Task RunAsync(string file)
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(options => (options.ApiKey, options.ManagementKey, options.InitialCredits) = (ApiKey, ManagementKey, 1m));
        await using var dataSource = SqliteFactory.Instance.CreateDataSource($"Data Source={file}");
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options =>
        {
            options.ApiKey = ApiKey;
            options.ManagementKey = ManagementKey;
            options.BaseAddress = sandbox.BaseAddress;
        }).WithSqlLedger(SqlDialect.Sqlite, dataSource);
        services.AddHttpClient("openrouter", http =>
        {
            http.BaseAddress = sandbox.BaseAddress;
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        }).AddOpenRouterBillingGuard();
        await using var provider = services.BuildServiceProvider();

        Report.Headline($"The ledger is {Path.GetFullPath(file)}; the sandbox is new and has counted nothing.");
        Report.Headline(await DescribeAsync("Before this run", provider));
        var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("openrouter");
        foreach (var model in (string[])[FreeModel, FreeModel, PaidModel])
        {
            using var response = await http.PostAsJsonAsync("chat/completions", new Dictionary<string, object>
            {
                ["model"] = model,
                ["max_tokens"] = 200,
                ["messages"] = new[] { new Dictionary<string, string> { ["role"] = "user", ["content"] = "What does a request cost?" } },
            });
            response.EnsureSuccessStatusCode();
            await response.Content.ReadAsByteArrayAsync();
        }

        // The ledger writes what is settled in the background, and what is left when the services end.
        await provider.DisposeAsync();
        await using var again = new SqlBillingLedger(dataSource, SqlDialect.Sqlite);
        Report.Headline(await SpentAsync("After it", again));
    }

    private static async Task<string> DescribeAsync(string when, IServiceProvider services)
    {
        var decision = await services.GetRequiredService<IBillingGuard>().EvaluateAsync(new BillableRequest { Model = FreeModel });
        var day = decision.Limits.Where(limit => limit.Cause == BillingCause.FreeRequestsPerDay).MaxBy(limit => limit.Used + limit.Held)!;
        var counted = string.Create(CultureInfo.InvariantCulture, $"{when}: {day.Used + day.Held:0} of {day.Capacity:0} free requests of the day are used up. ");
        return counted + await SpentAsync(when, services.GetRequiredService<ISpendLedger>());
    }

    private static async Task<string> SpentAsync(string when, ISpendLedger ledger)
    {
        var spent = new List<string>();
        await foreach (var sum in ledger.ReadSpendAsync(new SpendQuery { GroupBy = SpendGrouping.Model }))
        {
            spent.Add(string.Create(CultureInfo.InvariantCulture, $"{sum.Labels.Model}: {sum.Requests} requests, {sum.Cost:0.00########} USD"));
        }

        return spent.Count == 0 ? $"{when} nothing was booked." : $"{when}, in all runs: {string.Join("; ", spent)}.";
    }
}
