using System.Net.Sockets;
using OpenRouter.Billing.Sandbox;
using SandboxServer;

if (args.Contains("--help"))
{
    Console.WriteLine(ServerOptions.Help);
    return 0;
}

if (!ServerOptions.TryParse(args, out ServerOptions server, out string problem))
{
    await Console.Error.WriteLineAsync(problem);
    return 2;
}

try
{
    await using OpenRouterSandbox sandbox = await OpenRouterSandbox.StartAsync(server.Apply);
    if (server.DailySpend > 0)
    {
        sandbox.Account.SeedHistory(server.DailySpend);
    }

    // Nothing comes before these lines: they go into a shell or an .env file as they are.
    Console.WriteLine($"OPENROUTER_BASE_URL={sandbox.BaseAddress.AbsoluteUri.TrimEnd('/')}");
    Console.WriteLine($"OPENROUTER_API_KEY={sandbox.ApiKey}");
    Console.WriteLine($"OPENROUTER_MANAGEMENT_KEY={sandbox.ManagementKey}");

    using StopSignals stop = new();
    await stop.Received;
    return 0;
}
catch (IOException)
{
    await Console.Error.WriteLineAsync($"Port {server.Port} on 127.0.0.1 is in use: choose another with --port, or 0 for any free one.");
    return 1;
}
catch (SocketException refused)
{
    await Console.Error.WriteLineAsync($"Port {server.Port} on 127.0.0.1 cannot be opened: {refused.Message}.");
    return 1;
}
