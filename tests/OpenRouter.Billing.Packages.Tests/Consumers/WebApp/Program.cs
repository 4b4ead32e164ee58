using System.Net.Http.Headers;
using System.Text;
using OpenRouter.Billing.AspNetCore;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

// A web app that asks itself: one chat that the money covers, one that it does not, the page, its figures and its health.
const string Chat = """{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"hello"}]}""";

await using var sandbox = await OpenRouterSandbox.StartAsync(options => options.InitialCredits = 0.055m);
var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.ClearProviders();
builder.Services.AddProblemDetails();
builder.Services.AddOpenRouterBilling(options =>
{
    options.ApiKey = sandbox.ApiKey;
    options.ManagementKey = sandbox.ManagementKey;
    options.BaseAddress = sandbox.BaseAddress;
}).AddAspNetCore();
builder.Services.AddHealthChecks().AddOpenRouterBalance().AddOpenRouterKey().AddOpenRouterLedger();
builder.Services.AddHttpClient("openrouter", http =>
{
    http.BaseAddress = sandbox.BaseAddress;
    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", sandbox.ApiKey);
}).AddOpenRouterBillingGuard();

await using var app = builder.Build();
app.UseExceptionHandler();
app.UseOpenRouterBillingScope(options => options.Project = BillingScopeSource.Route("project"));
app.MapPost("/{project}/chat", AnswerAsync).RequireBillingBudget(1m, per: Spender.Project);
app.MapOpenRouterBilling("/billing", options => options.AllowAnonymous = true);
app.MapHealthChecks("/health");
await app.StartAsync();

using var visitor = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
Console.WriteLine($"admitted: {await AskAsync()}");
await app.Services.GetRequiredService<IBillingGuard>().ReserveAsync(new BillableRequest { Model = "openai/gpt-4o-mini" });
Console.WriteLine($"refused: {await AskAsync()}, chats sent: {sandbox.Requests.Count("POST /chat/completions")}");
foreach (var path in (string[])["billing", "billing/report.json", "health"])
{
    using var page = await visitor.GetAsync(path);
    Console.WriteLine($"{path}: {page.StatusCode}");
}

async Task<string> AskAsync()
{
    using var response = await visitor.PostAsync("search/chat", new StringContent(Chat, Encoding.UTF8, "application/json"));
    return $"{(int)response.StatusCode} {response.Content.Headers.ContentType?.MediaType}";
}

static async Task AnswerAsync(HttpContext context)
{
    var http = context.RequestServices.GetRequiredService<IHttpClientFactory>().CreateClient("openrouter");
    using var response = await http.PostAsync("chat/completions", new StringContent(Chat, Encoding.UTF8, "application/json"), context.RequestAborted);
    context.Response.ContentType = "application/json";
    await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
}
