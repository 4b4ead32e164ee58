using System.Text.Json;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>The floor of all reading of JSON: every token is looked at, and nothing is kept.</summary>
internal static class BareReading
{
    public static long CountTokens(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var tokens = 0L;
        while (reader.Read())
        {
            tokens++;
        }

        return tokens;
    }
}
