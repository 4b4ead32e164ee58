using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenRouter.Billing;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using QuickStart;
using Spectre.Console;

// With a key in the environment this looks at that account and spends nothing. Without one it starts a sandbox, an
// OpenRouter on this machine with play money, and shows the guard at work too.
var apiKey = Environment.GetEnvironmentVariable("OPENROUTER_API_KEY");
var managementKey = Environment.GetEnvironmentVariable("OPENROUTER_MANAGEMENT_KEY");
var address = Environment.GetEnvironmentVariable("OPENROUTER_BASE_URL") ?? "https://openrouter.ai/api/v1/";
if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out var baseAddress))
{
    return Report.Fail($"OPENROUTER_BASE_URL is '{address}', which is no address: use one such as https://openrouter.ai/api/v1/.");
}

try
{
    // Always on the sandbox, whatever keys there are: it sends requests.
    if (args is ["--remember", ..])
    {
        await Remembering.RunAsync(args is [_, var file, ..] ? file : Path.Combine(Path.GetTempPath(), "openrouter-billing-quickstart.db"));
        return 0;
    }

    if (!string.IsNullOrWhiteSpace(apiKey))
    {
        await using var services = Connect(apiKey, string.IsNullOrWhiteSpace(managementKey) ? null : managementKey, baseAddress);
        await ShowAccountAsync(services, hasManagementKey: !string.IsNullOrWhiteSpace(managementKey));
        return 0;
    }

    await RunOnSandboxAsync();
    return 0;
}
catch (OptionsValidationException exception)
{
    return Report.Fail(exception.Message);
}
catch (OpenRouterApiException exception) when (exception.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
{
    return Report.Fail($"{baseAddress.Host} does not accept your key ({exception.ServerMessage}): check OPENROUTER_API_KEY, and that OPENROUTER_MANAGEMENT_KEY is a management key.");
}
catch (OpenRouterBillingException exception)
{
    return Report.Fail(exception.Message);
}

// Everything an app has to write: register the account, guard the client.
static ServiceProvider Connect(string apiKey, string? managementKey, Uri baseAddress)
{
    var services = new ServiceCollection();
    services.AddOpenRouterBilling(options =>
    {
        options.ApiKey = apiKey;
        options.ManagementKey = managementKey;
        options.BaseAddress = baseAddress;
    });
    services.AddHttpClient("openrouter", http =>
    {
        http.BaseAddress = baseAddress; // with a slash at its end, or its last segment gets lost
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }).AddOpenRouterBillingGuard();
    return services.BuildServiceProvider();
}

static async Task ShowAccountAsync(IServiceProvider services, bool hasManagementKey)
{
    var billing = services.GetRequiredService<IOpenRouterBillingClient>();
    var key = await billing.Keys.GetCurrentAsync();
    Report.Account(hasManagementKey ? await billing.Credits.GetAsync() : null, key);
    if (hasManagementKey)
    {
        Report.Activity(await billing.Activity.ListAsync());
    }
}

static async Task RunOnSandboxAsync()
{
    await using var sandbox = await OpenRouterSandbox.StartAsync();
    sandbox.Account.SeedHistory(dailyUsd: 0.15m);
    Report.Headline("No OPENROUTER_API_KEY is set, so this runs on a sandbox: an OpenRouter on this machine, with play money.");

    await using (var services = Connect(sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress))
    {
        await ShowAccountAsync(services, hasManagementKey: true);
        await ChatAsync("A paid request that the account covers", services, "openai/gpt-4o-mini");
    }

    var capped = sandbox.Account.CreateKey(new SandboxKeyOptions { Name = "capped", Limit = 0.01m, LimitReset = "daily" });
    sandbox.Account.Charge(0.0099m, capped);
    await using (var services = Connect(capped.Secret, sandbox.ManagementKey, sandbox.BaseAddress))
    {
        await ChatAsync("A key that has spent nearly all of its cent a day", services, "openai/gpt-4o-mini");
    }

    sandbox.Account.SetFreeRequestsToday(1000);
    await using (var services = Connect(sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress))
    {
        await ChatAsync("The 1001st free request of the day", services, "meta-llama/llama-3.3-70b-instruct:free");
    }

    sandbox.Account.Charge(sandbox.Account.Balance);
    await using (var services = Connect(sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress))
    {
        await ChatAsync("An account without credits", services, "openai/gpt-4o-mini");
    }

    Report.Headline(string.Create(CultureInfo.InvariantCulture, $"Chat requests that reached the server: {sandbox.Requests.Count("POST /chat/completions")}. The refused ones never left this process."));
}

static async Task ChatAsync(string title, IServiceProvider services, string model)
{
    var http = services.GetRequiredService<IHttpClientFactory>().CreateClient("openrouter");
    var body = new JsonObject
    {
        ["model"] = model,
        ["max_tokens"] = 200,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "What does a request cost?" }),
    };
    try
    {
        using var response = await http.PostAsJsonAsync("chat/completions", body);
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>();
        Report.Admitted(title, model, answer?["usage"]?["cost"]?.GetValue<decimal>());
    }
    catch (BillingGuardException refusal)
    {
        Report.Refused(title, model, refusal);
    }
}
