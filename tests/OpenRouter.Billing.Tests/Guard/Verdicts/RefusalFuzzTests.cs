using System.Globalization;
using System.Net;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Settlement;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>Refusals with spoiled headers and bodies, through the real handler: an answer with its own bytes or a typed refusal, and a guard that works on.</summary>
public sealed class RefusalFuzzTests
{
    private const int Seed = 20261128;

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(366);

    private static readonly string[] Names = ["Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "x-ratelimit-reset", "X-Generation-Id", "Content-Encoding", "Content-Type", "Date"];

    private static readonly string[] Words =
    [
        "", " ", "-", "soon", "0", "-1", "1.5", "1e9", "5, 5", "NaN", "gen-1", "gzip", "br", "deflate, gzip", "text/event-stream", "application/json; charset=nonsense", TestData.ApiKey, "\u00e9\u4e2d", new('9', 400),
        "Wed, 22 Apr 2026 10:30:30 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "Wed, 22 Apr 2026 25:61:61 GMT", "2026-04-22T10:30:30Z",
    ];

    [Fact]
    public async Task Chat_MutatedRefusals_AreHandedOnOrThrownAndNothingElse()
    {
        var count = FuzzCampaign.Mutations(2_000);
        var (handedOn, thrown, shut) = (0, 0, 0);
        var random = new Random(Seed);
        for (var round = 0; round < count; round++)
        {
            using var guarded = new GuardedStub();
            var failure = FailureCases.All[random.Next(FailureCases.All.Count)];
            var body = Encoding.UTF8.GetBytes(failure.Body);
            body = random.Next(2) == 0 ? AnswerScannerTests.Mutate(body, random) : body;
            guarded.Answer = () => Spoiled(failure, body, random);
            try
            {
                using var response = await guarded.ChatAsync();
                Assert.Equal(body, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
                handedOn++;
            }
            catch (BillingGuardException exception)
            {
                thrown++;
                Check(exception, $"Round {round}, {failure.Name}");
            }
            catch (Exception exception)
            {
                Assert.Fail($"Round {round}, {failure.Name}: {exception}\n{Convert.ToBase64String(body)}");
            }

            // Whatever was learned from it, the next chat is answered, or refused by name.
            guarded.Answer = GuardedStub.Success;
            try
            {
                (await guarded.ChatAsync()).Dispose();
            }
            catch (BillingGuardException exception)
            {
                shut++;
                Check(exception, $"After round {round}, {failure.Name}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{count} answers: {handedOn} handed on, {thrown} thrown, {shut} shut a limit.");
        Assert.True(handedOn > count / 10 && thrown > count / 10 && shut > count / 50, $"{handedOn}, {thrown}, {shut}");
    }

    private static void Check(BillingGuardException exception, string where)
    {
        var text = exception.ToString();
        Assert.True(exception.Message.Length is > 0 and < 1500, $"{where}: {exception.Message}");
        Assert.False(text.Contains("11111111", StringComparison.Ordinal) || text.Contains(GuardedStub.Prompt, StringComparison.Ordinal), $"{where}: {text}");
        Assert.True(exception.Verdict.RetryAfter is null || (exception.Verdict.RetryAfter >= TimeSpan.Zero && exception.Verdict.RetryAfter <= LongestWait), $"{where}: {exception.Verdict.RetryAfter}");
        Assert.True(exception.Verdict.OpensAt is null || exception.Verdict.OpensAt <= FailureCases.Now + LongestWait, $"{where}: {exception.Verdict.OpensAt}");
        exception.Response?.Dispose();
    }

    private static HttpResponseMessage Spoiled(FailureCase failure, byte[] body, Random random)
    {
        var response = new HttpResponseMessage((HttpStatusCode)failure.Status) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in failure.Headers ?? [])
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        foreach (var name in Names.Where(_ => random.Next(3) == 0))
        {
            var value = Header(random);
            _ = response.Headers.TryAddWithoutValidation(name, value) || response.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    private static string Header(Random random) => random.Next(4) switch
    {
        0 => random.Next(-100, 100_000).ToString(CultureInfo.InvariantCulture),
        // Of any length: what is a second, a millisecond or neither is told by the size.
        1 => random.NextInt64((long)Math.Pow(10, random.Next(1, 19))).ToString(CultureInfo.InvariantCulture),
        2 => FailureCases.Now.AddSeconds(random.Next(-100_000_000, 100_000_000)).ToString(random.Next(2) == 0 ? "r" : "O", CultureInfo.InvariantCulture),
        _ => Words[random.Next(Words.Length)],
    };
}
