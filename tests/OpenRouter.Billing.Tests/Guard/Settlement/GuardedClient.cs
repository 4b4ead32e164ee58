using System.Net;
using System.Text;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>A real client over the real handler over a server in memory.</summary>
internal sealed class GuardedClient : IDisposable
{
    public const string ChatAddress = "https://openrouter.ai/api/v1/chat/completions";
    public const string PlainRequest = """{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"hello"}]}""";

    public GuardedClient(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> serve, LeasingGuard? guard = null)
    {
        Guard = guard ?? new LeasingGuard();
        Http = new HttpClient(new BillingGuardHandler(Guard, TestData.Options()) { InnerHandler = new Server(serve) });
    }

    public GuardedClient(Func<HttpResponseMessage> serve, LeasingGuard? guard = null)
        : this((_, _) => Task.FromResult(serve()), guard)
    {
    }

    public LeasingGuard Guard { get; }

    public HttpClient Http { get; }

    public static HttpRequestMessage Chat(string body = PlainRequest) =>
        new(HttpMethod.Post, ChatAddress) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    public static HttpResponseMessage Answer(Stream body, string? contentType = "application/json", HttpStatusCode status = HttpStatusCode.OK)
    {
        var response = new HttpResponseMessage(status) { Content = new StreamContent(body) };
        if (contentType is not null)
        {
            response.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return response;
    }

    public static HttpResponseMessage Answer(string body, string? contentType = "application/json", HttpStatusCode status = HttpStatusCode.OK) =>
        Answer(new ServedStream(Encoding.UTF8.GetBytes(body), int.MaxValue), contentType, status);

    public Task<HttpResponseMessage> SendAsync(HttpCompletionOption completion = HttpCompletionOption.ResponseHeadersRead, CancellationToken? cancellationToken = null) =>
        Http.SendAsync(Chat(), completion, cancellationToken ?? TestContext.Current.CancellationToken);

    public void Dispose() => Http.Dispose();

    private sealed class Server(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> serve) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => serve(request, cancellationToken);

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => serve(request, cancellationToken).GetAwaiter().GetResult();
    }
}
