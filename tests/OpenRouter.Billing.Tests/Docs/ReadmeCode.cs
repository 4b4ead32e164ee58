using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.Http.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using OpenAI.Chat;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Docs;

/// <summary>The code of the READMEs, compiled. The tests of the packages hold that it is the same text.</summary>
public static class ReadmeCode
{
    public static void Register(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOpenRouterBilling(options =>
        {
            options.ApiKey = configuration["OPENROUTER_API_KEY"];
            options.ManagementKey = configuration["OPENROUTER_MANAGEMENT_KEY"];
            options.Guard.MinimumBalance = 1m; // US dollars that are never spent
        });

        services.AddHttpClient("openrouter", http =>
        {
            http.BaseAddress = new Uri("https://openrouter.ai/api/v1/");
            http.DefaultRequestHeaders.Authorization = new("Bearer", configuration["OPENROUTER_API_KEY"]);
        }).AddOpenRouterBillingGuard();
    }

    public static IOpenRouterBillingClient RegisterTwo(IServiceCollection services, IConfiguration configuration, IServiceProvider provider)
    {
        services.AddOpenRouterBilling("research", configuration.GetSection("OpenRouter:Research"));
        services.AddHttpClient("research").AddOpenRouterBillingGuard("research");
        var billing = provider.GetRequiredKeyedService<IOpenRouterBillingClient>("research");
        return billing;
    }

    public static void RegisterLittle(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOpenRouterBilling(options =>
        {
            options.ApiKey = configuration["OPENROUTER_API_KEY"];
            options.ManagementKey = configuration["OPENROUTER_MANAGEMENT_KEY"];
        });
        services.AddHttpClient("openrouter").AddOpenRouterBillingGuard();
    }

    public static async Task ChatAsync(HttpClient http, object chat)
    {
        try
        {
            using var response = await http.PostAsJsonAsync("chat/completions", chat);
        }
        catch (InsufficientCreditsException refusal)
        {
            Console.WriteLine($"{refusal.Shortfall} USD short.");
        }
        catch (BillingGuardException refusal)
        {
            Console.WriteLine($"{refusal.Message} Opens: {refusal.OpensAt}");
        }
    }

    public static ChatClient Wrap(IHttpClientFactory factory, string apiKey)
    {
        var guarded = new HttpClientPipelineTransport(factory.CreateClient("openrouter"));
        var settings = new OpenAIClientOptions { Endpoint = new Uri("https://openrouter.ai/api/v1/"), Transport = guarded };
        var chat = new ChatClient("openai/gpt-4o-mini", new ApiKeyCredential(apiKey), settings);
        return chat;
    }

    public static async Task LimitAsync(IServiceCollection services, HttpClient http, string userId, object chat)
    {
        services.Configure<OpenRouterBillingOptions>(options =>
        {
            options.Guard.MaxRequestCost = 0.25m;
            options.Guard.Budgets.Add(new() { Per = Spender.Member, Limit = 2m, Window = BudgetWindow.Daily });
            options.Guard.RunawayLimits.Add(new() { MaxRequests = 300, Window = TimeSpan.FromMinutes(1) });
        });

        using (BillingScope.Begin(new BillingScope { Project = "search", Member = userId }))
        {
            using var response = await http.PostAsJsonAsync("chat/completions", chat);
        }
    }

    public static async Task ReadAsync(IOpenRouterBillingClient billing, string id)
    {
        CreditBalance credits = await billing.Credits.GetAsync();
        ApiKeyStatus key = await billing.Keys.GetCurrentAsync();
        IReadOnlyList<ActivityEntry> month = await billing.Activity.ListAsync(new ActivityQuery { GroupByWorkspace = true });
        IReadOnlyList<ModelListing> models = await billing.Models.ListAsync();
        Generation answer = await billing.Generations.WaitForAsync(id, TimeSpan.FromMinutes(5)); // what one answer cost
        Console.WriteLine($"{credits.Remaining} USD left, {key.FreeModelDailyRequests?.Remaining} free requests left today.");
    }

    public static async Task<decimal> BreakDownAsync(IOpenRouterBillingClient billing, IReadOnlyList<ActivityEntry> month, IReadOnlyList<string> hashes, Stream file)
    {
        foreach (var model in month.ByModel())
        {
            Console.WriteLine($"{model.Key}: {model.Totals.Cost} USD, {model.Totals.Requests} requests");
        }

        ActivityReport byKey = await billing.Activity.ListByKeysAsync(hashes); // says which keys could not be read
        await ActivityCsv.WriteAsync(file, month); // RFC 4180, opens in spreadsheets without running formulas

        AnalyticsMeta meta = await billing.Analytics.GetMetaAsync();
        AnalyticsResult result = await billing.Analytics.QueryAsync(
            new AnalyticsQuery { Metrics = [AnalyticsMetric.TotalUsage], Dimensions = [AnalyticsDimension.User], Granularity = AnalyticsGranularity.Day },
            meta);
        decimal total = result.Total(AnalyticsMetric.TotalUsage); // throws when rows are missing
        return byKey.IsComplete ? total : 0;
    }

    public static async Task ManageAsync(IOpenRouterBillingClient billing, IVault vault, string hash)
    {
        NewKey made = await billing.Keys.CreateAsync(new KeyDraft { Name = "CI", Limit = 20m, Reset = ResetInterval.Monthly });
        await vault.StoreAsync("ci", made.RevealSecret()); // shown this once, and nowhere else
        await billing.Keys.UpdateAsync(made.Key.Hash, new KeyUpdate { Limit = null });

        KeyRotation rotation = await billing.Keys.RotateAsync(hash, (key, token) => vault.StoreAsync("ci", key.RevealSecret(), token));
        LockDownReport report = await billing.Keys.LockDownAllAsync(exceptHash: hash);
        BudgetMove move = await billing.Workspaces.MoveBudgetAsync("research", "production", BudgetInterval.Monthly, 100m);
    }

    public static async Task UseSandboxAsync()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(options => options.InitialCredits = 0.01m);

        using var http = new HttpClient { BaseAddress = sandbox.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", sandbox.ApiKey);
        var answer = await http.PostAsJsonAsync("chat/completions", new
        {
            model = "openai/gpt-4o-mini",
            max_tokens = 100,
            messages = new[] { new { role = "user", content = "Hello" } },
        });

        Console.WriteLine(sandbox.Account.Balance);   // 0.0099895
    }

    public static (OpenRouterBillingClient Billing, HttpClient Http) Build(OpenRouterBillingOptions options)
    {
        var billing = new OpenRouterBillingClient(new HttpClient(), options);
        var guard = new BillingGuard(new HttpClient(), options);
        var http = new HttpClient(new BillingGuardHandler(guard, options) { InnerHandler = new SocketsHttpHandler() });
        return (billing, http);
    }

    /// <summary>Where an app keeps its keys.</summary>
    public interface IVault
    {
        ValueTask StoreAsync(string name, string secret, CancellationToken cancellationToken = default);
    }
}
