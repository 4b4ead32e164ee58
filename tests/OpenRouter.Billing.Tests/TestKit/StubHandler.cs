using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>A primary handler that answers as told, notes every request, and fails on one it was not told about.</summary>
public sealed class StubHandler : HttpMessageHandler
{
    private readonly ConcurrentDictionary<string, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>> _answers = new();

    /// <summary>What was sent: method, path below the base address with query, and the bearer key.</summary>
    public ConcurrentQueue<(string Call, string? Key)> Requests { get; } = new();

    public static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    /// <summary>Answers a call such as <c>GET key</c>; the query does not matter.</summary>
    public StubHandler On(string call, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer)
    {
        _answers[call] = answer;
        return this;
    }

    public StubHandler On(string call, Func<HttpResponseMessage> answer) => On(call, (_, _) => Task.FromResult(answer()));

    public StubHandler On(string call, string json) => On(call, () => Json(json));

    public int Count(string call) => Requests.Count(request => request.Call.Split('?')[0] == call);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Answer(request, cancellationToken);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Answer(request, cancellationToken).GetAwaiter().GetResult();

    private Task<HttpResponseMessage> Answer(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.PathAndQuery.Replace("/api/v1/", string.Empty, StringComparison.Ordinal);
        var call = $"{request.Method} {path}";
        Requests.Enqueue((call, request.Headers.Authorization?.Parameter));
        return _answers.TryGetValue(call.Split('?')[0], out var answer)
            ? answer(request, cancellationToken)
            : throw new InvalidOperationException($"The test expected no '{call}'.");
    }
}
