using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace OpenRouter.Billing.Extensions.AI.Tests;

/// <summary>A chat client as an app may write one: it posts JSON, and its raw answers are the JSON that came.</summary>
public sealed class PlainChatClient(HttpClient http, string model) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("plain", http.BaseAddress, model);

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(messages, options, stream: false, cancellationToken);
        var answer = JsonElement.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()))
        {
            ResponseId = answer.GetProperty("id").GetString(),
            RawRepresentation = answer,
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(messages, options, stream: true, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            if (item.Data == "[DONE]")
            {
                yield break;
            }

            var raw = JsonElement.Parse(item.Data);
            var update = new ChatResponseUpdate { ResponseId = raw.GetProperty("id").GetString(), RawRepresentation = raw };
            if (raw.GetProperty("choices") is { } choices && choices.GetArrayLength() > 0 && choices[0].GetProperty("delta").TryGetProperty("content", out var text))
            {
                update.Contents.Add(new TextContent(text.GetString()));
            }

            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private async Task<HttpResponseMessage> SendAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["model"] = options?.ModelId ?? model,
            ["stream"] = stream,
            ["messages"] = new JsonArray([.. messages.Select(message => (JsonNode)new JsonObject { ["role"] = message.Role.Value, ["content"] = message.Text })]),
        };
        if (options?.MaxOutputTokens is { } cap)
        {
            body["max_tokens"] = cap;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("chat/completions", UriKind.Relative)) { Content = JsonContent.Create(body) };
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new PlainChatException(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
    }
}

/// <summary>How <see cref="PlainChatClient"/> says that the server answered with a failure.</summary>
public sealed class PlainChatException(HttpStatusCode status, byte[] body) : Exception($"The server answered {(int)status}.")
{
    public HttpStatusCode Status => status;

    public ReadOnlyMemory<byte> Body => body;
}
