using System.Net;
using System.Text;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>The end of the line: an account with money that is never spent, and an answer that is always the same.</summary>
internal sealed class AccountServer(byte[] answer, string contentType = "application/json", decimal credits = 1_000_000_000, HttpMessageInvoker? network = null) : HttpMessageHandler
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(
        """{"data":{"label":"sk-or-v1-111...111","limit":1000000000,"limit_remaining":1000000000,"limit_reset":"monthly","usage":0.5,"is_free_tier":false,"is_management_key":false,"free_model_daily_requests":{"used":2,"limit":50,"remaining":48},"budgets":[]}}""");

    private readonly byte[] _credits = Encoding.UTF8.GetBytes($$$"""{"data":{"total_credits":{{{credits + 1}}},"total_usage":1}}""");

    private readonly byte[] _models = Encoding.UTF8.GetBytes(
        """{"data":[{"id":"openai/gpt-4o-mini","context_length":128000,"architecture":{"input_modalities":["text"],"output_modalities":["text"]},"pricing":{"prompt":"0.00000015","completion":"0.0000006","input_cache_read":"0.000000075"},"top_provider":{"context_length":128000,"max_completion_tokens":16384},"supported_parameters":["max_tokens"]}]}""");

    /// <summary>Sends it what an app sends, through the guard or not.</summary>
    public HttpClient CreateClient(Func<HttpMessageHandler, DelegatingHandler>? guarded = null)
    {
        var http = new HttpClient(guarded?.Invoke(this) ?? (HttpMessageHandler)this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Add("Authorization", "Bearer " + Inputs.ApiKey);
        return http;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Method == HttpMethod.Post && network is not null ? network.SendAsync(request, cancellationToken)
        : Task.FromResult(request.Method == HttpMethod.Post
            ? Answer(new StreamContent(new MemoryStream(answer)), contentType)
            : Answer(new ByteArrayContent(BodyOf(request.RequestUri!)), "application/json"));

    private byte[] BodyOf(Uri address) =>
        address.AbsolutePath.EndsWith("/key", StringComparison.Ordinal) ? _key
        : address.AbsolutePath.EndsWith("/credits", StringComparison.Ordinal) ? _credits
        : address.AbsolutePath.EndsWith("/models", StringComparison.Ordinal) ? _models
        : throw new InvalidOperationException($"Nobody should ask for {address.AbsolutePath}.");

    private static HttpResponseMessage Answer(HttpContent content, string contentType)
    {
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }
}
