using System.Globalization;
using OpenRouter.Billing.Sandbox;

namespace SandboxServer;

/// <summary>What the command line asks for.</summary>
internal sealed record ServerOptions
{
    public const string Help = """
        Runs an OpenRouter on 127.0.0.1 that meters, bills and refuses like the real one.

          --port <0..65535>        the port; 0 (the default) for any free one
          --credits <usd>          credits the account has purchased; 10 by default
          --history <usd>          adds 30 past days that cost about this much each
          --output-tokens <count>  how long an answer is; 16 by default
          --api-key <key>          a fixed ordinary key instead of a random one
          --management-key <key>   a fixed management key instead of a random one
          --help                   this text

        The first three lines of output are the address and the keys, ready for a shell.
        Ctrl+C stops it.
        """;

    public int Port { get; private set; }

    public decimal DailySpend { get; private set; }

    private decimal Credits { get; set; } = 10m;

    private int OutputTokens { get; set; } = 16;

    private string? ApiKey { get; set; }

    private string? ManagementKey { get; set; }

    public static bool TryParse(string[] args, out ServerOptions options, out string problem)
    {
        options = new ServerOptions();
        problem = "";
        for (int i = 0; i < args.Length && problem.Length == 0; i += 2)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            problem = value is null && IsKnown(args[i]) ? $"{args[i]} needs a value: see --help." : options.Set(args[i], value ?? "");
        }

        if (problem.Length == 0 && options.ApiKey is { } key && key == options.ManagementKey)
        {
            problem = "--api-key and --management-key must differ.";
        }

        return problem.Length == 0;
    }

    public void Apply(OpenRouterSandboxOptions sandbox)
    {
        sandbox.Port = Port;
        sandbox.InitialCredits = Credits;
        sandbox.OutputTokens = OutputTokens;
        sandbox.ApiKey = ApiKey;
        sandbox.ManagementKey = ManagementKey;
    }

    private static bool IsKnown(string name) =>
        name is "--port" or "--credits" or "--history" or "--output-tokens" or "--api-key" or "--management-key";

    /// <returns>What is wrong, in one sentence; empty when nothing is.</returns>
    private string Set(string name, string value)
    {
        switch (name)
        {
            case "--port" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port <= ushort.MaxValue:
                Port = port;
                return "";
            case "--port":
                return $"--port takes a number from 0 to 65535, not '{value}'.";
            case "--credits" when TryParseUsd(value, out decimal credits):
                Credits = credits;
                return "";
            case "--history" when TryParseUsd(value, out decimal daily):
                DailySpend = daily;
                return "";
            case "--credits" or "--history":
                return $"{name} takes an amount in US dollars from 0 to 1000000, for example 2.50, not '{value}'.";
            case "--output-tokens" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int tokens) && tokens > 0:
                OutputTokens = tokens;
                return "";
            case "--output-tokens":
                return $"--output-tokens takes a number above 0, not '{value}'.";
            case "--api-key" or "--management-key":
                return SetKey(name, value);
            default:
                return $"Unknown option '{name}': see --help.";
        }
    }

    private string SetKey(string name, string value)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Any(char.IsWhiteSpace))
        {
            return $"{name} takes a key without blanks.";
        }

        if (name == "--api-key")
        {
            ApiKey = value;
        }
        else
        {
            ManagementKey = value;
        }

        return "";
    }

    private static bool TryParseUsd(string text, out decimal usd) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out usd) && usd <= 1_000_000m;
}
