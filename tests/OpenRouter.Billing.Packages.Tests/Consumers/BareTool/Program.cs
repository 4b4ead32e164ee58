using System.Net.Http.Headers;
using System.Text;
using BareTool;
using OpenRouter.Billing;
using OpenRouter.Billing.Guard;

// The core by itself, without a container or a server: one chat that the money covers, and one that it does not.
const string Chat = """{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"hello"}]}""";

var options = new OpenRouterBillingOptions { ApiKey = "sk-or-v1-key", ManagementKey = "sk-or-v1-management-key" };
using var server = new Account();
var guard = new BillingGuard(new HttpClient(server), options);
using var http = new HttpClient(new BillingGuardHandler(guard, options) { InnerHandler = server }) { BaseAddress = options.BaseAddress };
http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);

using (var response = await AskAsync())
{
    await response.Content.ReadAsStringAsync();
    Console.WriteLine($"admitted: {response.StatusCode}");
}

await guard.ReserveAsync(new BillableRequest { Model = "openai/gpt-4o-mini" });
try
{
    using var response = await AskAsync();
}
catch (BillingGuardException refusal)
{
    Console.WriteLine($"refused: {refusal.GetType().Name}, chats sent: {server.Chats}");
}

var billing = new OpenRouterBillingClient(new HttpClient(server), options);
Console.WriteLine($"balance: {(await billing.Credits.GetAsync()).Remaining} USD");

async Task<HttpResponseMessage> AskAsync() => await http.PostAsync("chat/completions", new StringContent(Chat, Encoding.UTF8, "application/json"));
