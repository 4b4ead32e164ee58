using System.Globalization;

namespace OpenRouter.Billing.Foresight;

/// <summary>Something that somebody should know, told once. It holds no key, no prompt and no answer.</summary>
public sealed record BillingAlert
{
    /// <summary>Gets what tells this alert from all others, also when it is delivered a second time after a crash.</summary>
    /// <value>A word such as <c>alert_6f1c…</c>.</value>
    public required string Id { get; init; }

    /// <summary>Gets what it is about.</summary>
    public required AlertKind Kind { get; init; }

    /// <summary>Gets how much it matters.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>Gets what happened, in a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>Gets what it happened to: a key's name, a budget, a model.</summary>
    /// <value><see langword="null"/> for the account itself.</value>
    public string? Subject { get; init; }

    /// <summary>Gets the figure that passed the threshold.</summary>
    /// <value>In the unit of <see cref="Threshold"/>; <see langword="null"/> when there is none.</value>
    /// <remarks>US dollars for money, percent for caps, budgets and quotas, a factor without unit for spikes, requests for loops, and days for times.</remarks>
    public decimal? Value { get; init; }

    /// <summary>Gets the threshold that was passed.</summary>
    /// <value>US dollars for money, percent for caps, budgets and quotas, a factor without unit for spikes, requests for loops, and days for times; <see langword="null"/> when there is none.</value>
    public decimal? Threshold { get; init; }

    /// <summary>Gets when it was noticed.</summary>
    /// <value>UTC.</value>
    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>Gets for whom it is meant, by the names that sinks are registered with.</summary>
    /// <value>Empty for everybody.</value>
    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>Gets the name of the account.</summary>
    /// <value><see langword="null"/> for the unnamed one.</value>
    public string? Account { get; init; }

    /// <summary>Gets what this alert sums up.</summary>
    /// <value>Empty unless <see cref="Kind"/> is <see cref="AlertKind.Several"/>.</value>
    public IReadOnlyList<BillingAlert> Parts { get; init; } = [];

    /// <summary>Shows severity, kind and message.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Severity}, {Kind}: {Message}");
}
