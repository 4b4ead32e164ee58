using System.Security.Cryptography;

namespace OpenRouter.Billing;

/// <summary>How long to wait between two looks at a generation that is not written down yet.</summary>
internal static class GenerationPace
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>The wait before a look: about 1, 2, 4 seconds and so on, up to 30, and up to a quarter more, so that many that began together spread.</summary>
    /// <param name="attempt">Which look; the first is 1.</param>
    public static TimeSpan Before(int attempt)
    {
        var wait = First * (1 << Math.Min(attempt - 1, 5));
        return (wait < Longest ? wait : Longest) * (1 + (RandomNumberGenerator.GetInt32(250) / 1000.0));
    }
}
