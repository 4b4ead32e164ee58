using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox.Tests;

/// <summary>A running sandbox with a clock and a client.</summary>
internal sealed class SandboxFixture : IAsyncDisposable
{
    public const string Paid = "openai/gpt-4o-mini";
    public const string Free = "openai/gpt-oss-20b:free";

    /// <summary>A Wednesday, in the middle of a month.</summary>
    public static readonly DateTimeOffset Start = new(2026, 10, 14, 9, 30, 15, TimeSpan.Zero);

    private readonly HttpClient _http;

    private SandboxFixture(OpenRouterSandbox sandbox, ManualTimeProvider clock)
    {
        Sandbox = sandbox;
        Clock = clock;

        // By default a client that drops a response first reads on for two seconds, to save the connection.
        _http = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = sandbox.BaseAddress };
    }

    public OpenRouterSandbox Sandbox { get; }

    public ManualTimeProvider Clock { get; }

    public SandboxAccount Account => Sandbox.Account;

    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<SandboxFixture> StartAsync(Action<OpenRouterSandboxOptions>? configure = null)
    {
        ManualTimeProvider clock = new(Start);
        OpenRouterSandbox sandbox = await OpenRouterSandbox.StartAsync(
            options =>
            {
                options.TimeProvider = clock;
                configure?.Invoke(options);
            },
            Cancelled);
        return new SandboxFixture(sandbox, clock);
    }

    /// <summary>The body of a request whose prompt is 4 + 2 tokens long.</summary>
    public static string Chat(string model = Paid, int? maxTokens = 100, bool stream = false, string text = "12345678")
    {
        JsonObject body = new()
        {
            ["model"] = model,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
        };
        if (maxTokens is { } cap)
        {
            body["max_tokens"] = cap;
        }

        if (stream)
        {
            body["stream"] = true;
        }

        return body.ToJsonString();
    }

    public Task<Reply> GetAsync(string path, string? key = null) => SendAsync(HttpMethod.Get, path, key ?? Sandbox.ApiKey, null);

    public Task<Reply> ManageAsync(string path) => GetAsync(path, Sandbox.ManagementKey);

    public Task<Reply> PostAsync(string body, string? key = null, string path = "chat/completions") =>
        SendAsync(HttpMethod.Post, path, key ?? Sandbox.ApiKey, body);

    public async Task<Reply> SendAsync(HttpMethod method, string path, string? key, string? body, params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage response = await OpenAsync(method, path, key, body, Cancelled, headers);
        Dictionary<string, string> received = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
        return new Reply((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancelled), received);
    }

    /// <summary>Sends and returns as soon as the headers are there.</summary>
    public async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, string? key, string? body, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(method, path);
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.Add(name, value);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>Waits for what the server does on its own account, such as noticing that a client has left.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Sandbox.DisposeAsync();
    }
}
