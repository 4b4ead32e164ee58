namespace OpenRouter.Billing.Guard;

/// <summary>Counts so many tokens that hardly any tokenizer finds more.</summary>
internal sealed class SafeTokenCounter : ITokenCounter
{
    private const long AsciiBytesPerToken = 2;

    // The frame around a message: role and delimiters. Most templates take 3 or 4.
    private const long TokensPerMessage = 8;

    // Templates open with instructions and dates: 43 tokens were billed for a greeting of 3.
    private const long TokensPerPrompt = 64;

    // Anthropic's models read up to 700 tokens of instructions when tools are offered.
    private const long TokensForTools = 1_000;

    // What text has on average, by OpenAI's own rule of thumb.
    private const long UsualBytesPerToken = 4;

    public static SafeTokenCounter Instance { get; } = new();

    public long CountAtMost(PromptSize prompt, string model) => Count(prompt);

    /// <summary>What the prompt has at most, whichever model reads it.</summary>
    public static long Count(PromptSize prompt) =>
        ((prompt.Bytes - prompt.NonAsciiBytes + AsciiBytesPerToken - 1) / AsciiBytesPerToken)
        + prompt.NonAsciiBytes
        + (prompt.Messages * TokensPerMessage)
        + TokensPerPrompt
        + (prompt.HasTools ? TokensForTools : 0);

    /// <summary>What the prompt probably has.</summary>
    public static long CountUsual(PromptSize prompt) => ((prompt.Bytes + UsualBytesPerToken - 1) / UsualBytesPerToken) + (prompt.Messages * TokensPerMessage / 2);
}
