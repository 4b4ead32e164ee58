using System.Globalization;
using OpenRouter.Billing.Foresight;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dashboard;

/// <summary>How a frame looks; nothing about billing is decided here.</summary>
internal static class Screen
{
    private const int Narrowest = 80;
    private const int Widest = 120;
    private const int TableFrame = 4;
    private const int PanelFrame = 2;
    private const int OtherRows = 4;
    private const int LeastAlertRows = 3;
    // Balance, free requests, reload.
    private const int OwnRows = 3;
    private const int LongestName = 30;
    private const string Steps = "▁▂▃▄▅▆▇█";

    private static readonly Color[] Colors = [Color.Green, Color.Aqua, Color.Blue, Color.Purple, Color.Yellow];

    /// <summary>Lays a frame out.</summary>
    /// <param name="frame">What to show.</param>
    /// <param name="width">How many columns there are.</param>
    /// <param name="height">How many rows there are; what does not fit into them would be cut off.</param>
    public static IRenderable Draw(Frame frame, int width, int height)
    {
        width = Math.Clamp(width, Narrowest, Widest);
        // The rule, the progress, the models' label and the row of the cursor come on top.
        var room = height - OtherRows - TableFrame - PanelFrame - frame.Limits.Count - OwnRows;
        var models = Math.Clamp(room - LeastAlertRows, 1, Colors.Length);
        return new Rows(
            new Rule(Markup.Escape($"{frame.Title}, {Instant(frame.At)}")) { Justification = Justify.Left },
            Progress(frame, width),
            Money(frame, width),
            Models(frame, width, models),
            Alerts(frame, width, Math.Max(LeastAlertRows, room - models)));
    }

    private static Text Progress(Frame frame, int width)
    {
        var done = (int)((frame.Progress ?? 0) * width);
        return new Text(frame.Progress is null ? string.Empty : new string('━', done) + new string('┄', width - done), new Style(Color.Grey));
    }

    private static Table Money(Frame frame, int width)
    {
        var table = new Table { Border = TableBorder.Rounded, Width = width };
        foreach (var title in new[] { "US dollars", "Left", "Of", "A day", "Lasts until" })
        {
            table.AddColumn(new TableColumn(title).NoWrap());
        }

        var balance = frame.Balance;
        table.AddRow("Balance " + Trend(frame.Trend), Left(balance), string.Empty, PerDay(balance), Lasts(balance));
        foreach (var limit in frame.Limits)
        {
            table.AddRow(Markup.Escape(Cut(limit.Name ?? "Key")), Left(limit), Dollars(limit.Capacity), PerDay(limit), Lasts(limit));
        }

        table.AddRow("Free requests", Count(frame.Free?.Remaining), Count(frame.Free?.Limit), string.Empty, "00:00 UTC");
        table.AddRow("Reload", frame.Reload.Threshold is null ? "[grey]unknown[/]" : "at " + Dollars(frame.Reload.Threshold), Dollars(frame.Reload.Amount), string.Empty, frame.Reload.IsDue ? "[yellow]now[/]" : string.Empty);
        return table;
    }

    private static IRenderable Models(Frame frame, int width, int rows)
    {
        if (frame.Models.Count == 0)
        {
            return new Text("No paid activity in the last 30 completed days is known.", new Style(Color.Grey));
        }

        var chart = new BarChart { Label = "[bold]US cents by model, last 30 completed days[/]", Width = width - 2 };
        foreach (var (model, color) in frame.Models.Zip(Colors).Take(rows))
        {
            chart.AddItem(Markup.Escape(model.Model), (double)Math.Round(model.Cost * 100, 1), color);
        }

        return chart;
    }

    // The newest that fit as a whole.
    private static Panel Alerts(Frame frame, int width, int rows)
    {
        var lines = new List<string>();
        foreach (var (at, text) in frame.Alerts.Reverse())
        {
            rows -= RowsOf($"{Instant(at)} {text}", width - 4);
            if (rows < 0 && lines.Count > 0)
            {
                break;
            }

            lines.Insert(0, $"[grey]{Instant(at)}[/] {Markup.Escape(text)}");
        }

        return new Panel(new Markup(lines.Count == 0 ? "[grey]none[/]" : string.Join('\n', lines))) { Header = new PanelHeader(" Alerts "), Width = width };
    }

    private static int RowsOf(string text, int width)
    {
        var (rows, column) = (1, 0);
        foreach (var word in text.Split(' '))
        {
            (rows, column) = column > 0 && column + 1 + word.Length > width ? (rows + 1, word.Length) : (rows, column + word.Length + (column > 0 ? 1 : 0));
        }

        return rows;
    }

    private static string Trend(IReadOnlyList<decimal> balances)
    {
        var shown = balances.TakeLast(6).ToArray();
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

    private static string PerDay(Forecast money) => money.PerDay is { } perDay ? Dollars(perDay) : "[grey]unknown[/]";

    private static string Lasts(Forecast money) => money.Outcome switch
    {
        ForecastOutcome.Unknown => "[grey]unknown[/]",
        ForecastOutcome.Spent => "[red]spent[/]",
        ForecastOutcome.Lasts => money.ResetsAt is null ? "[green]over a year[/]" : "[green]its reset[/]",
        _ => Day(money.Depletion?.Expected ?? money.Depletion?.Earliest),
    };

    private static string Day(DateTimeOffset? instant) => instant?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "[grey]unknown[/]";

    private static string Dollars(decimal? amount) => amount is { } dollars ? dollars.ToString("0.00", CultureInfo.InvariantCulture) : string.Empty;

    // A row is one line, however long somebody's name is.
    private static string Cut(string name) => name.Length <= LongestName ? name : name[..(LongestName - 1)] + "…";

    private static string Count(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "unknown";

    private static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
