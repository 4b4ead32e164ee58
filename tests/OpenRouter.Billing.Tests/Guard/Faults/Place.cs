namespace OpenRouter.Billing.Tests.Guard.Faults;

/// <summary>Where a fault strikes: one of the answers that a guarded request depends on.</summary>
/// <param name="Name">As the table says.</param>
/// <param name="Question">What is asked for.</param>
internal sealed record Place(string Name, string Question)
{
    public static IReadOnlyList<Place> All { get; } =
    [
        new("Chat, JSON", "chat/completions"), new("Chat, SSE", "chat/completions"), new("`GET /credits`", "credits"), new("`GET /key`", "key"), new("`GET /models`", "models"),
    ];

    public bool IsChat => Question == "chat/completions";

    /// <summary>What a sound server answers here; elsewhere the chat is this one.</summary>
    public ServedAnswer Sound(ServedAnswer otherwise) => !IsChat ? otherwise : Name.EndsWith("SSE", StringComparison.Ordinal) ? ServedAnswer.Stream : ServedAnswer.Chat;

    /// <summary>What the fault does to.</summary>
    public ServedAnswer Struck => IsChat ? Sound(ServedAnswer.Chat) : ServedAnswer.Figures[Question];

    public static Place Of(string name) => All.Single(place => place.Name == name);
}
