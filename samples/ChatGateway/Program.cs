using ChatGateway;
using Microsoft.Extensions.Options;

if (args.Contains("--help"))
{
    Console.WriteLine(GatewayOptions.Help);
    return 0;
}

if (!GatewayOptions.TryParse(args, out var options, out var problem))
{
    await Console.Error.WriteLineAsync(problem);
    return 2;
}

try
{
    await using var gateway = await Gateway.StartAsync(options);
    Console.WriteLine($"""
        Chat       {gateway.Address}chat/{"{project}"}   as alice or bob, {options.DailyBudget} USD a day each
        Dashboard  {gateway.Address}billing          as admin
        Health     {gateway.Address}health
        Password   {gateway.Password}   for all three

        curl -u alice:{gateway.Password} {gateway.Address}chat/search -H 'Content-Type: application/json' \
          -d '{"{"}"model":"openai/gpt-4o-mini","max_tokens":50,"messages":[{"{"}"role":"user","content":"Hello"{"}"}]{"}"}'
        """);
    await gateway.WaitForShutdownAsync();
    return 0;
}
catch (IOException)
{
    await Console.Error.WriteLineAsync($"Port {options.Port} on 127.0.0.1 is in use: choose another with --port, or 0 for any free one.");
    return 1;
}
catch (OptionsValidationException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
