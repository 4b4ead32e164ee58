namespace OpenRouter.Billing.Guard;

/// <summary>Says how many tokens a prompt has at most. Safe for concurrent use; called for every paid request.</summary>
/// <remarks>
/// OpenRouter charges by each model's own tokenizer and offers no way to count beforehand. The default counts a token for
/// every two bytes of ASCII and for every byte of other text, 8 for each message, 64 for the whole and 1,000 where tools are
/// offered. On the eleven recorded requests of nothing but text and tools it counted 1.9 to 6.5 times as much as was billed
/// (2.5 times on the longest, of 2,649 tokens), and never less. Text that hardly compresses, such as long random digits, can
/// have more tokens than that. An app with a container registers its own counter as a singleton, for all accounts, or keyed
/// by the name of one.
/// </remarks>
public interface ITokenCounter
{
    /// <summary>Counts.</summary>
    /// <param name="prompt">The size of the prompt.</param>
    /// <param name="model">The slug of the model that reads it.</param>
    /// <returns>The most tokens that the prompt can have; not negative.</returns>
    long CountAtMost(PromptSize prompt, string model);
}
