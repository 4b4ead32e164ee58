using System.Collections.Concurrent;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>A primary handler that asks a function, and keeps what was sent with its body.</summary>
public sealed class ScriptedHandler(Func<ScriptedHandler.Sent, HttpResponseMessage> answer) : HttpMessageHandler
{
    public ConcurrentQueue<Sent> Requests { get; } = new();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var body = request.Content is null ? string.Empty : await request.Content.ReadAsStringAsync(cancellationToken);
        var path = request.RequestUri!.PathAndQuery.Replace("/api/v1", string.Empty, StringComparison.Ordinal);
        var sent = new Sent(request.Method.Method, path.Split('?')[0], path.Contains('?', StringComparison.Ordinal) ? path.Split('?')[1] : string.Empty, body, request.Headers.Authorization?.Parameter);
        Requests.Enqueue(sent);
        return answer(sent);
    }

    public sealed record Sent(string Method, string Path, string Query, string Body, string? Key)
    {
        public string Route => $"{Method} {Path}";
    }
}
