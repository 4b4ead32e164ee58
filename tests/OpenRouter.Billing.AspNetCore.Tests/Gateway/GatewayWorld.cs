using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ChatGateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.AspNetCore.Tests.TestKit;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.AspNetCore.Tests.Gateway;

/// <summary>The sample, running, with a client for each of its users.</summary>
public sealed class GatewayWorld : IAsyncDisposable
{
    public const string PaidModel = "openai/gpt-4o-mini";

    private readonly ChatGateway.Gateway _gateway;
    private readonly List<HttpClient> _clients = [];

    private GatewayWorld(ChatGateway.Gateway gateway, RecordedLog log) => (_gateway, Log) = (gateway, log);

    public Uri Address => _gateway.Address;

    public string Password => _gateway.Password;

    public OpenRouterSandbox Sandbox => _gateway.Sandbox!;

    public IServiceProvider Services => _gateway.Services;

    public RecordedLog Log { get; }

    public static async Task<GatewayWorld> StartAsync(decimal dailyBudget = 1m, Action<OpenRouterSandboxOptions>? sandbox = null, Action<WebApplicationBuilder>? configure = null)
    {
        var log = new RecordedLog();
        var gateway = await ChatGateway.Gateway.StartAsync(
            new GatewayOptions { Port = 0, DailyBudget = dailyBudget },
            builder =>
            {
                builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace);
                configure?.Invoke(builder);
            },
            sandbox);
        return new GatewayWorld(gateway, log);
    }

    public static string Chat(string prompt = "Hello", string model = PaidModel, bool stream = false, int maxTokens = 50) =>
        new JsonObject
        {
            ["model"] = model,
            ["stream"] = stream,
            ["max_tokens"] = maxTokens,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = prompt }),
        }.ToJsonString();

    public HttpClient As(string? user)
    {
        var http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
        if (user is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{Password}")));
        }

        _clients.Add(http);
        return http;
    }

    public Task<HttpResponseMessage> ChatAsync(string? user, string? body = null, string project = "search") =>
        As(user).PostAsync(new Uri("chat/" + project, UriKind.Relative), new StringContent(body ?? Chat(), Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

    public async Task<JsonNode> ReportAsync() =>
        JsonNode.Parse(await As("admin").GetStringAsync(new Uri("billing/report.json", UriKind.Relative), TestContext.Current.CancellationToken))!;

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _gateway.DisposeAsync();
    }
}
