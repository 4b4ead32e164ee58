using System.Diagnostics;

namespace OpenRouter.Billing.Load;

/// <summary>Starts requests at an even rate, whether or not earlier ones have been answered.</summary>
internal static class Pace
{
    public static async Task RunAsync(int rate, TimeSpan time, Func<int, Task> ask, Action everySecond)
    {
        var running = new List<Task>();
        var since = Stopwatch.GetTimestamp();
        var started = 0;
        var looked = 0;
        while (Stopwatch.GetElapsedTime(since) is var elapsed && elapsed < time)
        {
            for (var due = (int)(elapsed.TotalSeconds * rate); started < due; started++)
            {
                running.Add(ask(started));
            }

            for (; looked < (int)elapsed.TotalSeconds; looked++)
            {
                everySecond();
                running.RemoveAll(task => task.IsCompleted);
            }

            await Task.Delay(1);
        }

        await Task.WhenAll(running);
    }
}
