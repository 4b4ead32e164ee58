using System.Globalization;
using OpenRouter.Billing.Foresight;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dashboard;

/// <summary>How a frame looks; nothing about billing is decided here.</summary>
internal static class Screen
{
    private const int Width = 78;
    private const string Steps = "▁▂▃▄▅▆▇█";

    private static readonly Color[] Colors = [Color.Green, Color.Aqua, Color.Blue, Color.Purple, Color.Yellow];

    public static IRenderable Draw(Frame frame) => new Rows(
        new Rule(Markup.Escape($"{frame.Title}, {Instant(frame.At)}")) { Justification = Justify.Left },
        Progress(frame),
        Money(frame),
        Models(frame),
        Alerts(frame));

    private static Text Progress(Frame frame)
    {
        var done = (int)((frame.Progress ?? 0) * Width);
        return new Text(frame.Progress is null ? string.Empty : new string('━', done) + new string('┄', Width - done), new Style(Color.Grey));
    }

    private static Table Money(Frame frame)
    {
        var table = new Table { Border = TableBorder.Rounded, Width = Width + 2 };
        table.AddColumns("Money", "Left", "Of", "Goes", "Lasts");
        var balance = frame.Balance;
        table.AddRow("Balance " + Trend(frame.Trend), Left(balance), string.Empty, PerDay(balance), Lasts(balance));
        foreach (var limit in frame.Limits)
        {
            table.AddRow(Markup.Escape(limit.Name ?? "Key"), Left(limit), Dollars(limit.Capacity), PerDay(limit), Lasts(limit));
        }

        table.AddRow("Free requests", Count(frame.Free?.Remaining), Count(frame.Free?.Limit), string.Empty, "until 00:00 UTC");
        table.AddRow("Reload", frame.Reload.Threshold is null ? "[grey]unknown[/]" : "at " + Dollars(frame.Reload.Threshold), Dollars(frame.Reload.Amount), string.Empty, frame.Reload.IsDue ? "[yellow]now[/]" : string.Empty);
        return table;
    }

    private static IRenderable Models(Frame frame)
    {
        if (frame.Models.Count == 0)
        {
            return new Text("No paid activity in the last 30 completed days is known.", new Style(Color.Grey));
        }

        var chart = new BarChart { Label = "[bold]US cents by model, last 30 completed days[/]", Width = Width };
        foreach (var (model, color) in frame.Models.Zip(Colors))
        {
            chart.AddItem(Markup.Escape(model.Model), (double)Math.Round(model.Cost * 100, 1), color);
        }

        return chart;
    }

    private static Panel Alerts(Frame frame)
    {
        var lines = frame.Alerts.Select(alert => $"[grey]{Instant(alert.At)}[/] {Markup.Escape(alert.Text)}");
        return new Panel(new Markup(frame.Alerts.Count == 0 ? "[grey]none[/]" : string.Join('\n', lines))) { Header = new PanelHeader(" Alerts "), Width = Width + 2 };
    }

    private static string Trend(IReadOnlyList<decimal> balances)
    {
        var shown = balances.TakeLast(12).ToArray();
        if (shown.Length < 2)
        {
            return string.Empty;
        }

        var (least, most) = (shown.Min(), shown.Max());
        return string.Concat(shown.Select(balance => Steps[most == least ? 0 : (int)((balance - least) / (most - least) * (Steps.Length - 1))]));
    }

    private static string Left(Forecast money) => money.Remaining switch
    {
        null => "[yellow]unknown[/]",
        <= 0 => $"[red]{Dollars(money.Remaining)}[/]",
        _ => $"[green]{Dollars(money.Remaining)}[/]",
    };

    private static string PerDay(Forecast money) => money.PerDay is { } perDay ? Dollars(perDay) + " a day" : "[grey]unknown[/]";

    private static string Lasts(Forecast money) => money.Outcome switch
    {
        ForecastOutcome.Unknown => "[grey]unknown[/]",
        ForecastOutcome.Spent => "[red]spent[/]",
        ForecastOutcome.Lasts => money.ResetsAt is null ? "[green]a year and more[/]" : "[green]until its reset[/]",
        _ => Day(money.Depletion?.Expected ?? money.Depletion?.Earliest),
    };

    private static string Day(DateTimeOffset? instant) => instant?.UtcDateTime.ToString("'until 'yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "[grey]unknown[/]";

    private static string Dollars(decimal? amount) => amount is { } dollars ? dollars.ToString("0.00", CultureInfo.InvariantCulture) + " USD" : string.Empty;

    private static string Count(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "unknown";

    private static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
