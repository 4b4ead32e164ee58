using System.Globalization;
using System.Text;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>Answers that somebody broke: whatever comes, a classifier gives a verdict or none, soon.</summary>
public sealed class FailureClassifierFuzzTests
{
    private const int Seed = 20261120;

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", "\"", "\\", "\\ud800", "\\u0000", ",", ":", "\n", "\r\n", "data: ", "event: error\n", "null", "1e999", "-1", "9999999999999999999999",
        "\"error\":", "\"code\":", "\"message\":", "\"metadata\":", "\"headers\":", "\"choices\":", "\"response\":", "\"limit_source\":", "\"X-RateLimit-Reset\":",
        "https://openrouter.ai/settings/keys", "can only afford ", "$", "(daily limit)", "2026-13-99T99:99:99Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "\0", "\uFEFF",
    ];

    [Fact]
    public async Task Classify_MutatedAnswers_NeverThrowsAndAlwaysEnds()
    {
        var count = FuzzCampaign.Mutations(200_000);
        var bodies = FailureCases.All.Select(failure => Encoding.UTF8.GetBytes(failure.Body)).ToArray();
        var statuses = new[] { 200, 400, 401, 402, 403, 404, 408, 413, 429, 500, 502, 503, 524, 529, 0, 999 };
        var verdicts = 0;
        await FuzzCampaign.RunAsync(count, () =>
        {
            var random = new Random(Seed);
            for (var round = 0; round < count; round++)
            {
                var body = Mutate(bodies[random.Next(bodies.Length)], bodies, random);
                var status = statuses[random.Next(statuses.Length)];
                var headers = new FailureHeaders(Hint(random), Hint(random), Hint(random), Hint(random));
                try
                {
                    verdicts += FailureClassifier.Classify(status, headers, body, FailureCases.Now) is { } verdict && IsSane(verdict) ? 1 : 0;
                }
                catch (Exception exception)
                {
                    Assert.Fail($"Round {round}, status {status}: {exception}\n{Encoding.UTF8.GetString(body)}");
                }
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{count} mutations, {verdicts} verdicts.");
        Assert.InRange(verdicts, count / 2, count);
    }

    [Theory]
    [InlineData("{\"response\":", 10_000)]
    [InlineData("[", 60_000)]
    [InlineData("data: {\"error\":{}}\n", 3_000)]
    [InlineData("workspace budget ", 3_800)]
    [InlineData("https://", 8_000)]
    public void Classify_HostileRepetition_IsBounded(string piece, int times)
    {
        var repeated = string.Concat(Enumerable.Repeat(piece, times));
        foreach (var body in new[] { repeated, $$$"""{"error":{"code":402,"message":"{{{repeated.Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal)}}}"}}""" })
        {
            Assert.Equal(BillingCause.Unknown, FailureClassifier.Classify(402, default, Encoding.UTF8.GetBytes(body), FailureCases.Now)!.Cause);
        }
    }

    private static bool IsSane(BillingVerdict verdict)
    {
        Assert.True(verdict.OpensAt is null || verdict.OpensAt <= FailureCases.Now.AddDays(366));
        Assert.True(verdict.RetryAfter is null || verdict.RetryAfter >= TimeSpan.Zero);
        Assert.True(verdict.AffordableTokens is null or >= 0);
        // Whatever it says, it can be told.
        return Refusals.ToException(verdict).Message.Length < 1000;
    }

    private static byte[] Mutate(byte[] body, byte[][] others, Random random)
    {
        var bytes = body.ToList();
        for (var edits = random.Next(1, 6); edits > 0; edits--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(6))
            {
                case 0:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(20), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    var other = others[random.Next(others.Length)];
                    bytes.InsertRange(at, other.AsSpan(random.Next(other.Length + 1)).ToArray());
                    break;
            }
        }

        return [.. bytes];
    }

    private static string? Hint(Random random) => random.Next(9) switch
    {
        0 => "120",
        1 => "1776902400000",
        2 => Pieces[random.Next(Pieces.Length)],
        3 => "Wed, 22 Apr 2026 10:30:30 GMT",
        4 => random.NextInt64((long)Math.Pow(10, random.Next(1, 19))).ToString(CultureInfo.InvariantCulture),
        _ => null,
    };
}
