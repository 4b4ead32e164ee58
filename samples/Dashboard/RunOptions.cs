using System.Globalization;

namespace Dashboard;

/// <summary>What the command line asks for.</summary>
internal sealed record RunOptions(TimeSpan For, int Days)
{
    public const string Help = """
        Watches an OpenRouter account in the console.
          --for <time>   how long to run at most, such as 00:05:00 (default 00:02:00)
          --days <days>  how many days of traffic to play on the sandbox (default 30)
        It ends when the time is up, and on q or Ctrl+C.
        With OPENROUTER_API_KEY (and OPENROUTER_MANAGEMENT_KEY, OPENROUTER_BASE_URL) it watches that account, else a sandbox.
        """;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static bool TryRead(string[] args, out RunOptions options, out string problem)
    {
        options = new RunOptions(TimeSpan.FromMinutes(2), 30);
        problem = string.Empty;
        for (var index = 0; index < args.Length; index += 2)
        {
            var value = index + 1 < args.Length ? args[index + 1] : string.Empty;
            if (args[index] == "--for" && TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var time) && time > TimeSpan.Zero && time <= Longest)
            {
                options = options with { For = time };
            }
            else if (args[index] == "--days" && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= 90)
            {
                options = options with { Days = days };
            }
            else
            {
                problem = $"'{args[index]} {value}' is not understood: use --for with a time such as 00:05:00, or --days with 1 to 90.";
                return false;
            }
        }

        return true;
    }
}
