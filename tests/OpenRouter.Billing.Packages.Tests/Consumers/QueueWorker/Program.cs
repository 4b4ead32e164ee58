using OpenRouter.Billing.Foresight;
using OpenRouter.Billing.Sandbox;
using QueueWorker;

// A worker without an HTTP client of its own: it asks through an IChatClient, and is told when money runs low.
await using var sandbox = await OpenRouterSandbox.StartAsync(options => options.InitialCredits = 0.065m);
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddOpenRouterBilling(options =>
{
    options.ApiKey = sandbox.ApiKey;
    options.ManagementKey = sandbox.ManagementKey;
    options.BaseAddress = sandbox.BaseAddress;
}).AddForesight().AddBillingAlerts().AddAlertSink(new Warnings());
builder.Services.AddHostedService<Worker>();
await builder.Build().RunAsync();
