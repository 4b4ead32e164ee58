using System.Globalization;
using OpenRouter.Billing.Foresight;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dashboard;

/// <summary>Shows frame after frame: in place on a screen, one below the other where output goes elsewhere.</summary>
internal static class LiveView
{
    private const int PageRows = 40;

    public static async Task ShowAsync(IWatchedAccount watched, CancellationToken cancellationToken)
    {
        var reader = new FrameReader(watched);
        if (Console.IsOutputRedirected)
        {
            await PrintAsync(watched, reader, cancellationToken);
            return;
        }

        var first = await AnsiConsole.Status().StartAsync("Reading the account", async _ => await NextAsync(watched, reader, cancellationToken));
        if (first is null)
        {
            return;
        }

        await AnsiConsole.Live(Draw(first)).StartAsync(async live =>
        {
            try
            {
                while (await NextAsync(watched, reader, cancellationToken) is { } frame)
                {
                    live.UpdateTarget(Draw(frame));
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The time is up, and the last frame stays.
            }
        });
    }

    /// <summary>Gathers a report about the last answers, which takes a question for each.</summary>
    public static async Task GatherAsync(SandboxMonth month)
    {
        var report = await AnsiConsole.Progress().StartAsync(async context =>
        {
            var task = context.AddTask("Gathering what a ticket asks for");
            var query = new IncidentQuery { What = "A look back at the month.", From = month.Account.Clock.GetUtcNow().AddDays(-30), Answers = month.LastAnswers };
            return await month.Account.Incidents.GatherAsync(query, new Steps(task));
        });
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"Report: {report.Answers.Count} answers, {report.Activity.Count} rows of activity, {report.Purchases.Count} purchases, {report.WronglyBilled.Count()} wrongly billed, {report.Gaps.Count} gaps.");
    }

    private static async Task PrintAsync(IWatchedAccount watched, FrameReader reader, CancellationToken cancellationToken)
    {
        Frame? last = null;
        var (read, printed) = (0, 0);
        try
        {
            while (await NextAsync(watched, reader, cancellationToken) is { } frame)
            {
                last = frame;
                read++;
                if (read % watched.FramesPerPage == 0)
                {
                    AnsiConsole.Write(Screen.Draw(frame, AnsiConsole.Profile.Width, PageRows));
                    printed = read;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && read > 0)
        {
            // The time is up.
        }

        if (printed != read)
        {
            AnsiConsole.Write(Screen.Draw(last!, AnsiConsole.Profile.Width, PageRows));
        }
    }

    // As large as the window is at this moment: somebody may pull at it.
    private static IRenderable Draw(Frame frame) => Screen.Draw(frame, Console.WindowWidth, Console.WindowHeight);

    private static async Task<Frame?> NextAsync(IWatchedAccount watched, FrameReader reader, CancellationToken cancellationToken) =>
        await watched.NextAsync(cancellationToken) is { } happened ? await reader.ReadAsync(happened, cancellationToken) : null;

    private sealed class Steps(ProgressTask task) : IProgress<IncidentProgress>
    {
        public void Report(IncidentProgress value)
        {
            task.MaxValue = value.Total;
            task.Value = value.Done;
        }
    }
}
