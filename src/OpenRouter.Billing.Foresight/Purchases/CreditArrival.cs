using System.Globalization;
using System.Text;

namespace OpenRouter.Billing.Foresight;

/// <summary>How far credits are that were paid for, as of one look at the account.</summary>
public sealed record CreditArrival
{
    /// <summary>Gets how far they are.</summary>
    public required CreditArrivalStage Stage { get; init; }

    /// <summary>Gets whether the wait is over.</summary>
    public bool IsOver => Stage is CreditArrivalStage.Arrived or CreditArrivalStage.Partly or CreditArrivalStage.Late;

    /// <summary>Gets how much was to arrive.</summary>
    /// <value>US dollars of credits.</value>
    public required decimal Expected { get; init; }

    /// <summary>Gets how much has arrived.</summary>
    /// <value>US dollars of credits; more than <see cref="Expected"/> when another purchase arrived too.</value>
    public required decimal Arrived { get; init; }

    /// <summary>Gets how much has not.</summary>
    /// <value>US dollars of credits; 0 once all is there.</value>
    public decimal Missing => Math.Max(0, Expected - Arrived);

    /// <summary>Gets all credits that the account had ever bought before.</summary>
    /// <value>US dollars.</value>
    public required decimal CreditsBefore { get; init; }

    /// <summary>Gets all credits that the account has ever bought by now.</summary>
    /// <value>US dollars, as last read; <see langword="null"/> when no look has succeeded yet.</value>
    public decimal? CreditsNow { get; init; }

    /// <summary>Gets when they were paid.</summary>
    /// <value>UTC.</value>
    public required DateTimeOffset PaidAt { get; init; }

    /// <summary>Gets when this was seen.</summary>
    /// <value>UTC.</value>
    public required DateTimeOffset At { get; init; }

    /// <summary>Gets how often the account was looked at.</summary>
    public required int Looks { get; init; }

    /// <summary>Gets how many of these looks failed.</summary>
    public int FailedLooks { get; init; }

    /// <summary>Gets when it is looked at next.</summary>
    /// <value>UTC; <see langword="null"/> when the wait is over.</value>
    public DateTimeOffset? NextLookAt { get; init; }

    /// <summary>Gets what the app knows the purchase by.</summary>
    /// <value><see langword="null"/> for nothing.</value>
    public string? Reference { get; init; }

    /// <summary>Gets what to do, in a sentence.</summary>
    public required string Advice { get; init; }

    /// <summary>Writes the facts that a support ticket asks for.</summary>
    /// <returns>Some lines of Markdown, in English: dates in UTC, amounts in US dollars, no key. Add the account's email address and a screenshot of the charge.</returns>
    public string ToTicket()
    {
        var ticket = new StringBuilder();
        Line(ticket, "Paid at", Instant(PaidAt));
        Line(ticket, "Credits expected", Dollars(Expected));
        Line(ticket, "Credits that arrived", Dollars(Arrived));
        Line(ticket, "Credits ever bought before", Dollars(CreditsBefore));
        Line(ticket, "Credits ever bought now", CreditsNow is { } now ? Dollars(now) : "could not be read");
        Line(ticket, "Looked at", string.Create(CultureInfo.InvariantCulture, $"{Instant(At)}, {Looks} times since, {FailedLooks} without an answer"));
        if (Reference is not null)
        {
            Line(ticket, "Reference", Redaction.Clean(Reference));
        }

        return ticket.ToString();
    }

    private static void Line(StringBuilder text, string name, string value) => text.Append("- ").Append(name).Append(": ").Append(value).Append('\n');

    private static string Dollars(decimal amount) => amount.ToString("0.00#######", CultureInfo.InvariantCulture) + " USD";

    private static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
