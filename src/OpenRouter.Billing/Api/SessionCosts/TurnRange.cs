namespace OpenRouter.Billing;

/// <summary>How many turns sessions have; unknown words from the server are kept as they are.</summary>
/// <param name="Value">The server's word, such as <c>2-9-turns</c>.</param>
public readonly record struct TurnRange(string Value)
{
    /// <summary>Gets sessions of a single turn.</summary>
    public static TurnRange One { get; } = new("1-turn");

    /// <summary>Gets sessions of 2 to 9 turns.</summary>
    public static TurnRange TwoToNine { get; } = new("2-9-turns");

    /// <summary>Gets sessions of 10 to 49 turns.</summary>
    public static TurnRange TenToFortyNine { get; } = new("10-49-turns");

    /// <summary>Gets sessions of 50 turns and more.</summary>
    public static TurnRange FiftyAndMore { get; } = new("50-plus-turns");

    /// <inheritdoc/>
    public override string ToString() => Value ?? string.Empty;
}
