using System.Globalization;

namespace ChatGateway;

/// <summary>What the command line and the environment ask for.</summary>
public sealed record GatewayOptions
{
    public const string Help = """
        Proxies chats to OpenRouter, with a daily budget for each user, a billing page and health checks.

          --port <0..65535>     the port on 127.0.0.1; 5080 by default, 0 for any free one
          --budget <usd>        what each user may spend a day; 0.01 by default
          --for <seconds>       stops after so long, a day at most; until Ctrl+C by default
          --without-billing     proxies and does nothing else, to compare with

        With OPENROUTER_API_KEY set (and OPENROUTER_MANAGEMENT_KEY, and OPENROUTER_BASE_URL for another address) it spends
        that account's money. Without it, it starts a sandbox on this machine, and spends nothing.
        """;

    private const int LongestSeconds = 24 * 60 * 60;

    public int Port { get; init; } = 5080;

    public decimal DailyBudget { get; init; } = 0.01m;

    public TimeSpan? For { get; init; }

    public bool WithoutBilling { get; init; }

    /// <summary>Gets the account; null for a sandbox of the gateway's own.</summary>
    public string? ApiKey { get; init; }

    public string? ManagementKey { get; init; }

    public Uri BaseAddress { get; init; } = new("https://openrouter.ai/api/v1/");

    public static bool TryParse(IReadOnlyList<string> args, out GatewayOptions options, out string problem)
    {
        options = new GatewayOptions
        {
            ApiKey = Variable("OPENROUTER_API_KEY"),
            ManagementKey = Variable("OPENROUTER_MANAGEMENT_KEY"),
        };
        problem = string.Empty;
        if (Variable("OPENROUTER_BASE_URL") is { } address)
        {
            if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out var parsed))
            {
                problem = $"OPENROUTER_BASE_URL is '{address}': use an absolute address.";
                return false;
            }

            options = options with { BaseAddress = parsed };
        }

        for (var index = 0; index < args.Count; index++)
        {
            if (args[index] == "--without-billing")
            {
                options = options with { WithoutBilling = true };
                continue;
            }

            var value = index + 1 < args.Count ? args[index + 1] : null;
            if (args[index] == "--port" && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= ushort.MaxValue)
            {
                options = options with { Port = port };
            }
            else if (args[index] == "--budget" && decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var budget))
            {
                options = options with { DailyBudget = budget };
            }
            else if (args[index] == "--for" && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= LongestSeconds)
            {
                options = options with { For = TimeSpan.FromSeconds(seconds) };
            }
            else
            {
                problem = $"'{args[index]}{(value is null ? string.Empty : " " + value)}' is not understood: see --help.";
                return false;
            }

            index++;
        }

        return true;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
