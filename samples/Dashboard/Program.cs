using System.Net;
using Dashboard;
using Microsoft.Extensions.Options;
using OpenRouter.Billing;
using Spectre.Console;

// With a key in the environment this watches that account and spends nothing. Without one it plays a month of traffic on a
// sandbox, an OpenRouter on this machine with play money.
if (args.Contains("--help"))
{
    Console.WriteLine(RunOptions.Help);
    return 0;
}

if (!RunOptions.TryRead(args, out var run, out var problem))
{
    return Fail(problem);
}

var address = Environment.GetEnvironmentVariable("OPENROUTER_BASE_URL") ?? "https://openrouter.ai/api/v1/";
if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out var baseAddress))
{
    return Fail($"OPENROUTER_BASE_URL is '{address}', which is no address: use one such as https://openrouter.ai/api/v1/.");
}

using var end = new CancellationTokenSource(run.For);
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    _ = end.CancelAsync();
};

var quit = Console.IsInputRedirected ? Task.CompletedTask : EndOnKeyAsync(end.CancelAsync, end.Token);
try
{
    if (Account.FromEnvironment(baseAddress) is { } account)
    {
        await using (account)
        {
            await LiveView.ShowAsync(new RealAccount(account), end.Token);
        }
    }
    else
    {
        AnsiConsole.MarkupLine("[grey]No OPENROUTER_API_KEY is set, so this plays a month of traffic on a sandbox, with play money.[/]");
        await using var month = await SandboxMonth.StartAsync(run.Days, end.Token);
        await LiveView.ShowAsync(month, end.Token);
        await LiveView.GatherAsync(month);
    }

    return 0;
}
catch (OperationCanceledException) when (end.IsCancellationRequested)
{
    return 0;
}
catch (OptionsValidationException exception)
{
    return Fail(exception.Message);
}
catch (OpenRouterApiException exception) when (exception.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
{
    return Fail($"OpenRouter does not accept your key ({exception.ServerMessage}): check OPENROUTER_API_KEY, and that OPENROUTER_MANAGEMENT_KEY is a management key.");
}
catch (OpenRouterBillingException exception)
{
    return Fail(exception.Message);
}
finally
{
    await end.CancelAsync();
    await quit;
}

static async Task EndOnKeyAsync(Func<Task> end, CancellationToken ended)
{
    while (!ended.IsCancellationRequested)
    {
        if (Console.KeyAvailable && Console.ReadKey(intercept: true).Key == ConsoleKey.Q)
        {
            await end();
        }

        await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
    }
}

static int Fail(string sentence)
{
    Console.Error.WriteLine(sentence);
    return 1;
}
