namespace OpenRouter.Billing.Sandbox;

/// <summary>A completion as it goes to the client: invented text of exactly the billed length.</summary>
internal sealed class Answer(SandboxQuote quote, DateTimeOffset createdAt)
{
    private const string Prose = "This answer was made up on your own machine, and nobody was paid for it. ";
    private const int CharactersPerToken = 4;

    public SandboxQuote Quote => quote;

    public string Id { get; } = GenerationId.New(createdAt);

    public DateTimeOffset CreatedAt => createdAt;

    public long Created => createdAt.ToUnixTimeSeconds();

    public string FinishReason => quote.TextTokens == quote.MaximumOutputTokens ? "length" : "stop";

    public string Text => TextOf(0, quote.TextTokens);

    public static string TextOf(int fromToken, int toToken) => string.Create((toToken - fromToken) * CharactersPerToken, fromToken * CharactersPerToken, (span, start) =>
    {
        for (int i = 0; i < span.Length; i++)
        {
            span[i] = Prose[(start + i) % Prose.Length];
        }
    });
}
