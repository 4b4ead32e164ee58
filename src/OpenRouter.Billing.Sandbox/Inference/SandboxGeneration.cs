namespace OpenRouter.Billing.Sandbox;

/// <summary>One answered request as the account was billed for it.</summary>
public sealed class SandboxGeneration
{
    internal SandboxGeneration(Answer answer, SandboxKey key, int completionTokens, DateTimeOffset at, bool aborted)
    {
        Answer = answer;
        Key = key;
        CompletionTokens = completionTokens;
        CreatedAt = at;
        Aborted = aborted;
    }

    /// <summary>Gets the id, as in the body and in <c>X-Generation-Id</c>.</summary>
    public string Id => Answer.Id;

    /// <summary>Gets the hash of the key that called.</summary>
    public string KeyHash => Key.Hash;

    /// <summary>Gets the id of the model that answered.</summary>
    public string Model => Quote.Model.Id;

    /// <summary>Gets the size of the prompt.</summary>
    /// <value>Tokens.</value>
    public int PromptTokens => Quote.PromptTokens;

    /// <summary>Gets the billed size of the answer.</summary>
    /// <value>Tokens; less than the whole answer when the client left a stream early.</value>
    public int CompletionTokens { get; }

    /// <summary>Gets the charge.</summary>
    /// <value>US dollars.</value>
    public decimal Cost => Quote.CostOf(CompletionTokens);

    /// <summary>Gets when the answer was produced, by the sandbox's clock.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>Gets whether the answer was streamed.</summary>
    public bool Streamed => Quote.Stream;

    /// <summary>Gets whether the client was gone before the answer was complete.</summary>
    public bool Aborted { get; }

    internal Answer Answer { get; }

    internal SandboxKey Key { get; }

    internal SandboxQuote Quote => Answer.Quote;
}
