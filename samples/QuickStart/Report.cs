using System.Globalization;
using OpenRouter.Billing;
using OpenRouter.Billing.Guard;
using Spectre.Console;

namespace QuickStart;

/// <summary>How the sample looks; nothing about billing is decided here.</summary>
internal static class Report
{
    private const int ModelsShown = 6;

    public static void Headline(string text) => AnsiConsole.Write(new Padder(new Text(text, new Style(Color.Grey))).Padding(0, 1, 0, 1));

    public static int Fail(string sentence)
    {
        Console.Error.WriteLine(sentence);
        return 1;
    }

    public static void Account(CreditBalance? credits, ApiKeyStatus key)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle("[bold]Account and key[/]") };
        table.AddColumns("What", "Now", "Of", "Starts again");
        table.AddRow("Balance", credits is null ? "[yellow]unknown: set OPENROUTER_MANAGEMENT_KEY[/]" : Money(credits.Remaining), Dollars(credits?.TotalCredits), "[grey]never: buy credits[/]");
        table.AddRow("Cap of the key", key.Limit is null ? Uncapped(key) : Money(key.Remaining), Dollars(key.Limit), Interval(key.Reset));
        foreach (var layer in key.Budgets ?? [])
        {
            table.AddRow($"Budget: {Markup.Escape(layer.Scope.ToString())}", Money(layer.Remaining), Dollars(layer.Limit), Instant(layer.ResetsAt));
        }

        var free = key.FreeModelDailyRequests;
        table.AddRow("Free requests today", Count(free?.Remaining), Count(free?.Limit), "00:00 UTC");
        table.AddRow("Spent by the key today", Dollars(key.Usage.Today), string.Empty, "00:00 UTC");
        AnsiConsole.Write(table);
    }

    public static void Activity(IReadOnlyList<ActivityEntry> entries)
    {
        var models = entries
            .GroupBy(entry => entry.Model ?? "(unknown)")
            .Select(model => (Name: model.Key, Cost: model.Sum(entry => entry.Cost) ?? 0))
            .Where(model => model.Cost > 0)
            .OrderByDescending(model => model.Cost)
            .Take(ModelsShown)
            .ToArray();
        if (models.Length == 0)
        {
            Headline("No paid activity in the last 30 completed days.");
            return;
        }

        Color[] colors = [Color.Green, Color.Aqua, Color.Blue, Color.Purple, Color.Yellow, Color.Orange1];
        var chart = new BarChart { Label = "[bold]US cents by model, last 30 completed days[/]", Width = 78 };
        foreach (var (model, color) in models.Zip(colors))
        {
            chart.AddItem(Markup.Escape(model.Name), (double)Math.Round(model.Cost * 100, 1), color);
        }

        AnsiConsole.Write(new Padder(chart).Padding(0, 1, 0, 1));
    }

    public static void Admitted(string title, string model, decimal? cost) =>
        Panel(title, model, Color.Green, $"[green]Admitted.[/] It cost {Dollars(cost)}, as the answer says; the guard has booked it.");

    public static void Refused(string title, string model, BillingGuardException refusal) =>
        Panel(title, model, Color.Red, $"[red]{refusal.GetType().Name}[/]\n{Markup.Escape(refusal.Message)}\n[grey]Opens: {(refusal.OpensAt is null ? "not by waiting" : Instant(refusal.OpensAt))}[/]");

    private static void Panel(string title, string model, Color color, string text) =>
        AnsiConsole.Write(new Panel(new Markup(text))
        {
            Header = new PanelHeader($" {Markup.Escape(title)} [grey]({Markup.Escape(model)})[/] "),
            BorderStyle = new Style(color),
            Expand = true,
        });

    private static string Uncapped(ApiKeyStatus key) => key.IsLimitKnown ? "[green]none[/]" : "[yellow]unknown[/]";

    private static string Money(decimal? amount) => amount <= 0 ? $"[red]{Dollars(amount)}[/]" : $"[green]{Dollars(amount)}[/]";

    private static string Dollars(decimal? amount) => amount is { } dollars ? dollars.ToString("0.00####", CultureInfo.InvariantCulture) + " USD" : string.Empty;

    private static string Count(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "unknown";

    private static string Interval(ResetInterval? reset) => reset is { } interval ? Markup.Escape(interval.ToString()) : "never";

    private static string Instant(DateTimeOffset? instant) => instant?.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) ?? "never";
}
