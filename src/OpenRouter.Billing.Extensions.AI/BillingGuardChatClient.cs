using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Extensions.AI;

/// <summary>Guards the chats of any <see cref="IChatClient"/>: asks before sending, books after answering. Safe for concurrent use if the wrapped client is.</summary>
/// <remarks>
/// A refusal throws one of the exceptions of <see cref="IBillingGuard.ReserveAsync"/> and calls nothing; of a stream it does so
/// before the first update. What a chat cost is read from the raw answer, or asked for by the answer's id, or booked as claimed.
/// Where the wrapped client sends through an <see cref="HttpClient"/> that the same guard guards, that one books, and the chat is
/// counted once. Put it below a client that invokes functions: one claim stands for one request to the model.
/// </remarks>
public sealed class BillingGuardChatClient : DelegatingChatClient
{
    /// <summary>The name under which <see cref="UsageDetails.AdditionalCounts"/> says what a chat cost, in billionths of a US dollar.</summary>
    /// <remarks>Whole numbers, because these counts are; they add up over the chats of a conversation.</remarks>
    public const string CostCount = "openrouter.cost_nano_usd";

    private readonly IBillingGuard _guard;
    private readonly BillingGuardChatOptions _options;
    private readonly ILogger _logger;

    /// <summary>Wraps a client.</summary>
    /// <param name="innerClient">The client to guard; disposed of with this one.</param>
    /// <param name="guard">Decides.</param>
    /// <param name="options">How to read the client; <see langword="null"/> for the defaults.</param>
    /// <param name="logger">Where failures to book are told; <see langword="null"/> for nowhere.</param>
    public BillingGuardChatClient(IChatClient innerClient, IBillingGuard guard, BillingGuardChatOptions? options = null, ILogger<BillingGuardChatClient>? logger = null)
        : base(innerClient)
    {
        ArgumentNullException.ThrowIfNull(guard);
        _guard = guard;
        _options = options ?? new BillingGuardChatOptions();
        _logger = logger ?? NullLogger<BillingGuardChatClient>.Instance;
    }

    /// <summary>Gets whether the account's own options let a refusal by OpenRouter be thrown.</summary>
    internal Func<bool> MayThrowServerRefusals { get; init; } = static () => true;

    /// <inheritdoc/>
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var chat = await ReserveAsync(messages, options, isStreamed: false, cancellationToken).ConfigureAwait(false);
        ChatResponse response;
        try
        {
            using (chat.Handover.Begin())
            {
                response = await base.GetResponseAsync(chat.Messages, chat.Options, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            throw chat.Fail(exception) ?? Rethrown(exception);
        }

        chat.See(response);
        return response;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var chat = await ReserveAsync(messages, options, isStreamed: true, cancellationToken).ConfigureAwait(false);
        var updates = Start(chat, cancellationToken);
        try
        {
            while (await MoveNextAsync(updates, chat).ConfigureAwait(false))
            {
                yield return chat.See(updates.Current);
            }
        }
        finally
        {
            // A guarded HTTP client below books when its stream is closed.
            await updates.DisposeAsync().ConfigureAwait(false);
            chat.End();
        }

        if (chat.TakeUntoldCost() is { } cost)
        {
            yield return new ChatResponseUpdate { Contents = [new UsageContent(new UsageDetails { AdditionalCounts = new() { [CostCount] = cost } })] };
        }
    }

    private IAsyncEnumerator<ChatResponseUpdate> Start(GuardedChat chat, CancellationToken cancellationToken)
    {
        try
        {
            return base.GetStreamingResponseAsync(chat.Messages, chat.Options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        }
        catch (Exception exception)
        {
            throw chat.Fail(exception) ?? Rethrown(exception);
        }
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, GuardedChat chat)
    {
        try
        {
            // Whatever is sent is sent while the next update is waited for, and each wait is the caller's own.
            using (chat.Handover.Begin())
            {
                return await updates.MoveNextAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            throw chat.Fail(exception) ?? Rethrown(exception);
        }
    }

    private async ValueTask<GuardedChat> ReserveAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, bool isStreamed, CancellationToken cancellationToken)
    {
        // Read twice, here and by the wrapped client.
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var request = ChatRequestReader.Read(list, options, InnerClient.GetService<ChatClientMetadata>()?.DefaultModelId) with { IsStreamed = isStreamed, MayLowerOutputCap = true };
        request = _options.Describe?.Invoke(request) ?? request;
        var lease = await BillingHandover.ReserveAsync(_guard, request, cancellationToken).ConfigureAwait(false);
        if (lease.OutputCap is { } cap)
        {
            options = options?.Clone() ?? new ChatOptions();
            options.MaxOutputTokens = (int)Math.Min(cap, int.MaxValue);
        }

        return new GuardedChat(_guard, request, lease, _options, MayThrowServerRefusals, _logger) { Messages = list, Options = options };
    }

    // Thrown again as it was, with the place where it came from.
    private static Exception Rethrown(Exception exception)
    {
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception);
        return exception;
    }
}
