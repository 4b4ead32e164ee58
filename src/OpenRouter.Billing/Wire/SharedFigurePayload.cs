namespace OpenRouter.Billing.Wire;

/// <summary>What processes that share state tell each other about one figure of an account: that one of them asks just now, or what it was told.</summary>
/// <param name="By">Tells the one that wrote it from others.</param>
/// <param name="OlderMilliseconds">How long before this was written the question was sent, at most; null while it is not answered.</param>
/// <param name="IsRefused">Whether the key may not know the figure.</param>
/// <param name="Balance">The account's credits.</param>
/// <param name="Key">The key's limits, without its label, which shows a part of the key.</param>
internal sealed record SharedFigurePayload(
    string? By,
    long? OlderMilliseconds = null,
    bool? IsRefused = null,
    CreditsPayload.Sums? Balance = null,
    CurrentKeyPayload.Key? Key = null);
