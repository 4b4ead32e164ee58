using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>Eight clients ask for chats over loopback: of a server that only writes bytes, of the sandbox, and of the stub that one writes first.</summary>
[BenchmarkCategory("Sandbox")]
public class SandboxBenchmarks
{
    private const int Clients = 8;
    private const int Requests = 512;

    private readonly byte[] _body = Inputs.ShortMessages(1024);
    private readonly HttpClient _http = new();
    private LoopbackServer _loopback = null!;
    private OpenRouterSandbox _sandbox = null!;
    private WebApplication _stub = null!;
    private Uri _stubAddress = null!;

    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Cleanup() => CleanupAsync().GetAwaiter().GetResult();

    [Benchmark(Baseline = true, OperationsPerInvoke = Requests)]
    public Task SameBytes() => AskAllAsync(_loopback.Address);

    [Benchmark(OperationsPerInvoke = Requests)]
    public Task Sandbox() => AskAllAsync(_sandbox.BaseAddress);

    [Benchmark(OperationsPerInvoke = Requests)]
    public Task StubOfOneAnswer() => AskAllAsync(_stubAddress);

    private async Task SetupAsync()
    {
        _sandbox = await OpenRouterSandbox.StartAsync(options => (options.InitialCredits, options.RecordedRequests) = (1_000_000_000, 0));
        _http.DefaultRequestHeaders.Add("Authorization", "Bearer " + _sandbox.ApiKey);
        _loopback = new LoopbackServer(await AskAsync(_sandbox.BaseAddress), "application/json");
        _stub = await StartStubAsync(Encoding.UTF8.GetString(Inputs.JsonAnswer(100)));
        _stubAddress = new Uri(_stub.Urls.Single() + "/");
    }

    private async Task CleanupAsync()
    {
        _http.Dispose();
        _loopback.Dispose();
        await _sandbox.DisposeAsync();
        await _stub.DisposeAsync();
    }

    private Task AskAllAsync(Uri address) => Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
    {
        for (var count = 0; count < Requests / Clients; count++)
        {
            await AskAsync(address);
        }
    }));

    private async Task<byte[]> AskAsync(Uri address)
    {
        using var content = new ByteArrayContent(_body);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        using var response = await _http.PostAsync(new Uri(address, "chat/completions"), content);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static async Task<WebApplication> StartStubAsync(string answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/chat/completions", async (HttpContext context) =>
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body);
            return document.RootElement.TryGetProperty("model", out _) ? Results.Text(answer, "application/json") : Results.BadRequest();
        });
        await app.StartAsync();
        return app;
    }
}
