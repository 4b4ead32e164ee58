using System.Net;
using System.Net.Http.Headers;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>The end of the line for billing calls: the same body for each.</summary>
internal sealed class ReadingServer(byte[] body) : HttpMessageHandler
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = Json;
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
    }
}
