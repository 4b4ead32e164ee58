using System.Data.Common;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Sql;

// A tool whose own limits are remembered in a file: one chat that the money covers, and one that it does not.
const string Chat = """{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"hello"}]}""";

SQLitePCL.Batteries_V2.Init();
await using var sandbox = await OpenRouterSandbox.StartAsync(options => options.InitialCredits = 0.055m);
await using DbDataSource file = SqliteFactory.Instance.CreateDataSource("Data Source=billing.db");
var services = new ServiceCollection();
services.AddOpenRouterBilling(options =>
{
    options.ApiKey = sandbox.ApiKey;
    options.ManagementKey = sandbox.ManagementKey;
    options.BaseAddress = sandbox.BaseAddress;
}).WithSqlLedger(SqlDialect.Sqlite, file);
services.AddHttpClient("openrouter", http =>
{
    http.BaseAddress = sandbox.BaseAddress;
    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", sandbox.ApiKey);
}).AddOpenRouterBillingGuard();
await using var provider = services.BuildServiceProvider();
var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("openrouter");

using (var response = await AskAsync())
{
    await response.Content.ReadAsStringAsync();
    Console.WriteLine($"admitted: {response.StatusCode}");
}

// An answer is booked in the background, while its reader goes on.
using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
while (await CountBookedAsync() == 0)
{
    await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
}

Console.WriteLine($"booked: {await CountBookedAsync()} request");

await provider.GetRequiredService<IBillingGuard>().ReserveAsync(new BillableRequest { Model = "openai/gpt-4o-mini" });
try
{
    using var response = await AskAsync();
}
catch (BillingGuardException refusal)
{
    Console.WriteLine($"refused: {refusal.GetType().Name}, chats sent: {sandbox.Requests.Count("POST /chat/completions")}");
}

async Task<HttpResponseMessage> AskAsync() => await http.PostAsync("chat/completions", new StringContent(Chat, Encoding.UTF8, "application/json"));

async Task<long> CountBookedAsync()
{
    var requests = 0L;
    await foreach (var spent in provider.GetRequiredService<ISpendLedger>().ReadSpendAsync(cancellationToken: patience.Token))
    {
        requests += spent.Requests;
    }

    return requests;
}
