using Microsoft.Extensions.AI;

namespace OpenRouter.Billing.Extensions.AI.Tests;

/// <summary>A chat client whose transport nobody sees: it answers as told, or fails.</summary>
public sealed class ScriptedChatClient(params ChatResponse[] answers) : IChatClient
{
    private int _next;

    public Exception? Failure { get; init; }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Failure is { } failure ? Task.FromException<ChatResponse>(failure)
        : Task.FromResult(_next < answers.Length ? answers[_next++] : new ChatResponse(new ChatMessage(ChatRole.Assistant, "hello")));

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
