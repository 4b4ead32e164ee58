using System.Globalization;
using System.Text;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

/// <summary>Receivers that answer nonsense, on a real connection: an alert is taken or given up, and neither address nor secret is told.</summary>
public sealed class WebhookAnswerFuzzTests
{
    private const int Seed = 20261128;

    private static readonly string Secret = "whsec_" + Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(value => (byte)value)]);

    private static readonly string[] Hints =
    [
        "0", "5", "-5", "1.5", "2147483647", "99999999999999999999", "", "soon", "5, 5", "Wed, 22 Apr 2026 10:30:30 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "2026-04-22T10:30:30Z",
    ];

    private static readonly string[] Headers =
    [
        "Location: http://127.0.0.1:1/elsewhere", "Content-Length: -1", "Content-Length: 5", "Content-Length: 99999999999999999999", "Transfer-Encoding: chunked", "Content-Encoding: gzip", "Set-Cookie: a=b", "X:", ":", " folded", "\u0001: x",
    ];

    private readonly ManualTimeProvider _clock = new(AlertWorld.Noon);

    [Fact]
    public async Task SendAsync_MutatedAnswers_AreTakenOrGivenUp()
    {
        var random = new Random(Seed);
        var count = Math.Min(FuzzCampaign.Mutations(400), 20_000);
        string[] answers = [.. Enumerable.Range(0, count).Select(_ => Answer(random))];
        await using var receiver = new WebhookReceiver(answers);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var sink = new WebhookAlertSink(http, new WebhookSinkOptions { Address = receiver.Address, Secret = Secret, MaxAttempts = 1 }, _clock);
        var (taken, givenUp) = (0, 0);
        for (var round = 0; round < count; round++)
        {
            try
            {
                await sink.SendAsync(AlertWorld.Alert(), TestContext.Current.CancellationToken).AsTask().WaitAsync(BillingClientKit.Patience, TestContext.Current.CancellationToken);
                taken++;
            }
            catch (WebhookFailedException exception)
            {
                givenUp++;
                var text = exception.ToString();
                Assert.False(text.Contains("secret-path", StringComparison.Ordinal) || text.Contains(Secret, StringComparison.Ordinal) || text.Contains("127.0.0.1", StringComparison.Ordinal), text);
            }
            catch (Exception exception)
            {
                Assert.Fail($"Round {round}: {exception}\n{answers[round]}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{count} answers: {taken} took the alert, {givenUp} were given up.");
        Assert.True(taken > count / 20 && givenUp > count / 20, $"{taken}, {givenUp}");
        // An alert that was sent into a connection which the receiver was just leaving is not seen there, and was given up.
        Assert.InRange(receiver.Requests.Count, Math.Max(taken, count - (count / 100)), count);
    }

    private static string Answer(Random random)
    {
        var status = random.Next(5) == 0 ? random.Next(-1, 1200) : new[] { 200, 204, 301, 400, 410, 429, 500, 503 }[random.Next(8)];
        var answer = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.{(random.Next(8) == 0 ? 7 : 1)} {status} Said\r\nConnection: close\r\n");
        if (random.Next(2) == 0)
        {
            answer.Append(CultureInfo.InvariantCulture, $"Retry-After: {Hints[random.Next(Hints.Length)]}\r\n");
        }

        for (var headers = random.Next(3) == 0 ? random.Next(1, 4) : 0; headers > 0; headers--)
        {
            answer.Append(CultureInfo.InvariantCulture, $"{Headers[random.Next(Headers.Length)]}\r\n");
        }

        answer.Append(random.Next(10) == 0 ? string.Empty : "\r\n").Append(random.Next(3) == 0 ? "no such thing" : string.Empty);
        if (random.Next(4) == 0)
        {
            answer.Length = random.Next(answer.Length + 1);
        }

        if (random.Next(6) == 0 && answer.Length > 0)
        {
            answer[random.Next(answer.Length)] = (char)random.Next(128);
        }

        return answer.ToString();
    }
}
