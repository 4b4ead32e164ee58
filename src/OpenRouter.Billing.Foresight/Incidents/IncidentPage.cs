using System.Globalization;
using System.Text;

namespace OpenRouter.Billing.Foresight;

/// <summary>A report as a page of Markdown.</summary>
internal sealed class IncidentPage(IncidentReport report)
{
    private readonly StringBuilder _text = new();

    public string Write()
    {
        Line("# Billing report");
        Line(string.Empty);
        if (report.What is { } what)
        {
            Line(Cell(what));
            Line(string.Empty);
        }

        Line($"- Time: {Instant(report.From)} to {Instant(report.To)}");
        Line($"- Gathered: {Instant(report.At)}");
        Line($"- Credits ever bought: {Dollars(report.TotalCredits)}; ever used: {Dollars(report.TotalUsage)}; balance: {Dollars(report.Balance)}");
        Line($"- Key: used {Dollars(report.KeyUsage)}; cap {Dollars(report.KeyLimit, "none")}; left of it {Dollars(report.KeyRemaining, "not capped")}");
        Line($"- Free requests of the day: {Count(report.FreeRequestsUsed)} of {Count(report.FreeRequestsLimit)}");
        WritePurchases();
        WriteWronglyBilled();
        WriteAnswers();
        WriteActivity();
        Section("What could not be gathered", [.. report.Gaps.Select(gap => "- " + Cell(gap))]);
        return _text.ToString();
    }

    private void WritePurchases() => Table(
        "Purchases",
        "| Id | Paid at | Credits | Price | By |\n|---|---|---|---|---|",
        report.Purchases,
        purchase => $"| {Cell(purchase.Id)} | {Instant(purchase.PaidAt)} | {Dollars(purchase.Credits)} | {Dollars(purchase.Price ?? purchase.Credits)} | {purchase.Method} |");

    private void WriteWronglyBilled() => Table(
        "Free models that were billed",
        "| Generation | At | Asked for | Answered | Cost |\n|---|---|---|---|---|",
        report.WronglyBilled,
        answer => $"| {Cell(answer.Id)} | {Instant(answer.At)} | {Cell(answer.RequestedModel)} | {Cell(answer.Model)} | {Dollars(answer.Cost)} |");

    private void WriteAnswers() => Table(
        "Answers",
        "| Generation | At | Model | Provider | Prompt tokens | Answer tokens | Ended by | Cost |\n|---|---|---|---|---|---|---|---|",
        report.Answers,
        answer => $"| {Cell(answer.Id)} | {Instant(answer.At)} | {Cell(answer.Model)} | {Cell(answer.Provider)} | {Count(answer.PromptTokens)} | {Count(answer.CompletionTokens)} | {Cell(answer.FinishReason)} | {Dollars(answer.Cost)} |");

    private void WriteActivity() => Table(
        "Activity",
        "| Day | Model | Provider | Requests | Cost |\n|---|---|---|---|---|",
        report.Activity,
        day => $"| {day.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} | {Cell(day.Model)} | {Cell(day.Provider)} | {Count(day.Requests)} | {Dollars(day.Cost)}{(day.IsBilledFree ? " (free model)" : string.Empty)} |");

    private void Table<T>(string title, string head, IEnumerable<T> rows, Func<T, string> row)
    {
        string[] lines = [.. rows.Select(row)];
        Section(title, lines.Length == 0 ? [] : [head, .. lines]);
    }

    private void Section(string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        Line(string.Empty);
        Line("## " + title);
        Line(string.Empty);
        foreach (var line in lines)
        {
            Line(line);
        }
    }

    private void Line(string line) => _text.Append(line).Append('\n');

    // What others named must not begin a cell, a link or a line of its own.
    private static string Cell(string? text) => text is null ? "unknown" : Redaction.Clean(text).Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("|", "\\|", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("`", "\\`", StringComparison.Ordinal);

    private static string Dollars(decimal? amount, string otherwise = "unknown") =>
        amount is { } dollars ? dollars.ToString("0.00#######", CultureInfo.InvariantCulture) + " USD" : otherwise;

    private static string Count(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "unknown";

    private static string Instant(DateTimeOffset? instant) => instant?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture) ?? "unknown";
}
