using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sql;

// One of several processes that share a ledger: makes guarded requests, as an app would, and says how they ended.
if (args is not [var dialectName, var connectionString, var address, var key, var requestsText, var parallelText, var budgetText, var leaseText, var allowancesText])
{
    await Console.Error.WriteLineAsync("Use: dialect, connection string, address, key, requests, how many at once, budget in US dollars, lease in seconds, whether with allowances.");
    return 2;
}

SQLitePCL.Batteries_V2.Init();
var dialect = Enum.Parse<SqlDialect>(dialectName);
await using var dataSource = dialect == SqlDialect.Sqlite ? SqliteFactory.Instance.CreateDataSource(connectionString) : NpgsqlDataSource.Create(connectionString);
var services = new ServiceCollection();
var lease = TimeSpan.FromSeconds(int.Parse(leaseText, CultureInfo.InvariantCulture));
var billing = services.AddOpenRouterBilling(options =>
{
    options.ApiKey = key;
    options.BaseAddress = new Uri(address);
    options.Guard.LeaseDuration = lease;
    options.Guard.ReadingTimeout = TimeSpan.FromSeconds(60);
    options.Guard.Budgets.Add(new() { Per = Spender.App, Limit = decimal.Parse(budgetText, CultureInfo.InvariantCulture), Window = BudgetWindow.Lifetime });
}).WithSqlLedger(dialect, dataSource, options => options.Timeout = TimeSpan.FromSeconds(60));
if (bool.Parse(allowancesText))
{
    billing.WithAllowances(options => (options.MaxAge, options.LeaseDuration) = (lease / 4, lease / 2));
}

services.AddHttpClient("openrouter", http =>
{
    http.BaseAddress = new Uri(address);
    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
}).AddOpenRouterBillingGuard();

var (admitted, refused, failed) = (0, 0, 0);
await using (var provider = services.BuildServiceProvider())
{
    var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("openrouter");
    var chat = new Dictionary<string, object> { ["model"] = "openai/gpt-4o-mini", ["max_tokens"] = 32, ["messages"] = new[] { new Dictionary<string, string> { ["role"] = "user", ["content"] = "What does a request cost?" } } };
    var left = int.Parse(requestsText, CultureInfo.InvariantCulture);
    await Task.WhenAll(Enumerable.Range(0, int.Parse(parallelText, CultureInfo.InvariantCulture)).Select(async _ =>
    {
        while (Interlocked.Decrement(ref left) >= 0)
        {
            try
            {
                using var response = await http.PostAsJsonAsync("chat/completions", chat);
                response.EnsureSuccessStatusCode();
                await response.Content.ReadAsByteArrayAsync();
                Interlocked.Increment(ref admitted);
            }
            catch (BudgetExceededException)
            {
                Interlocked.Increment(ref refused);
            }
            catch (Exception exception) when (exception is BillingGuardException or HttpRequestException)
            {
                Interlocked.Increment(ref failed);
                await Console.Error.WriteLineAsync(exception.ToString());
            }
        }
    }));
}

// After the services have ended, which write what was still queued.
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{admitted} {refused} {failed}"));
return 0;
