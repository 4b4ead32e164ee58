using System.Text.Json;

namespace OpenRouter.Billing.Foresight;

/// <summary>What a support ticket about billing asks for: dates, amounts and ids. No key, no prompt, no answer.</summary>
public sealed record IncidentReport
{
    /// <summary>Gets when it was gathered.</summary>
    /// <value>UTC.</value>
    public required DateTimeOffset At { get; init; }

    /// <summary>Gets the first instant that matters.</summary>
    /// <value>UTC.</value>
    public required DateTimeOffset From { get; init; }

    /// <summary>Gets the last instant that matters.</summary>
    /// <value>UTC.</value>
    public required DateTimeOffset To { get; init; }

    /// <summary>Gets what happened, in the app's words.</summary>
    /// <value><see langword="null"/> for nothing.</value>
    public string? What { get; init; }

    /// <summary>Gets all credits that the account has ever bought.</summary>
    /// <value>US dollars; <see langword="null"/> when they could not be read.</value>
    public decimal? TotalCredits { get; init; }

    /// <summary>Gets all credits that the account has ever used.</summary>
    /// <value>US dollars; <see langword="null"/> when they could not be read.</value>
    public decimal? TotalUsage { get; init; }

    /// <summary>Gets what is left.</summary>
    /// <value>US dollars, possibly negative; <see langword="null"/> when it could not be read.</value>
    public decimal? Balance => TotalCredits - TotalUsage;

    /// <summary>Gets the cap of the registered key.</summary>
    /// <value>US dollars; <see langword="null"/> when it has none or could not be read.</value>
    public decimal? KeyLimit { get; init; }

    /// <summary>Gets what is left of the cap of the registered key.</summary>
    /// <value>US dollars; <see langword="null"/> when it has none or could not be read.</value>
    public decimal? KeyRemaining { get; init; }

    /// <summary>Gets what the registered key has spent since it exists.</summary>
    /// <value>US dollars; <see langword="null"/> when it could not be read.</value>
    public decimal? KeyUsage { get; init; }

    /// <summary>Gets how many free requests of the day are used.</summary>
    /// <value>Requests; <see langword="null"/> when it could not be read.</value>
    public long? FreeRequestsUsed { get; init; }

    /// <summary>Gets how many free requests the day has.</summary>
    /// <value>Requests; <see langword="null"/> when it could not be read.</value>
    public long? FreeRequestsLimit { get; init; }

    /// <summary>Gets the answers that were asked for, as billed.</summary>
    /// <value>Those that could be read.</value>
    public IReadOnlyList<BilledAnswer> Answers { get; init; } = [];

    /// <summary>Gets the activity of the days that matter.</summary>
    /// <value>Empty when it could not be read, or there is none: the current day is never in it.</value>
    public IReadOnlyList<BilledDay> Activity { get; init; } = [];

    /// <summary>Gets the recorded purchases that were paid in the time that matters.</summary>
    public IReadOnlyList<Purchase> Purchases { get; init; } = [];

    /// <summary>Gets what could not be gathered, and why, in sentences.</summary>
    /// <value>Empty when all could.</value>
    public IReadOnlyList<string> Gaps { get; init; } = [];

    /// <summary>Gets the answers of free models that were billed although no add-on explains it.</summary>
    public IEnumerable<BilledAnswer> WronglyBilled => Answers.Where(answer => answer is { IsBilledFree: true, HasAddOn: false });

    /// <summary>Writes it as JSON.</summary>
    /// <returns>One object, members in snake case, amounts in US dollars.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, IncidentContext.Default.IncidentReport);

    /// <summary>Writes it for a person to read.</summary>
    /// <returns>Markdown, in English.</returns>
    public string ToMarkdown() => new IncidentPage(this).Write();
}
