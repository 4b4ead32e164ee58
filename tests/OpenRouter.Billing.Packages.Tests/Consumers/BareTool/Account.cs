using System.Net;
using System.Text;

namespace BareTool;

/// <summary>An account of 0.055 USD that answers in memory.</summary>
internal sealed class Account : HttpMessageHandler
{
    public int Chats { get; private set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Answer(request), Encoding.UTF8, "application/json") });

    private string Answer(HttpRequestMessage request)
    {
        switch (request.RequestUri!.AbsolutePath)
        {
            case "/api/v1/credits":
                return """{"data":{"total_credits":0.055,"total_usage":0}}""";
            case "/api/v1/key":
                return """{"data":{"label":"sk-or-v1-k...ey","limit":null,"limit_remaining":null,"limit_reset":null,"usage":0,"is_free_tier":false,"budgets":[]}}""";
            case "/api/v1/models":
                return """{"data":[{"id":"openai/gpt-4o-mini","name":"GPT-4o mini","context_length":128000,"pricing":{"prompt":"0.00000015","completion":"0.0000006"},"top_provider":{"context_length":128000,"max_completion_tokens":16384}}]}""";
            default:
                Chats++;
                return """{"id":"gen-1","model":"openai/gpt-4o-mini","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6,"cost":0.00000135}}""";
        }
    }
}
