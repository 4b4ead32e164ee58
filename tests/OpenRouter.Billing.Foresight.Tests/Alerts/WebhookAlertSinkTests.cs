using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

public sealed class WebhookAlertSinkTests
{
    private static readonly string Secret = "whsec_" + Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(value => (byte)value)]);
    private static readonly string OldSecret = "whsec_" + Convert.ToBase64String([.. Enumerable.Range(101, 24).Select(value => (byte)value)]);

    private readonly ManualTimeProvider _clock = new(AlertWorld.Noon);
    private int _unanswered;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendAsync_Alert_IsSignedAsTheConventionSays()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Status(204));
        using var http = new HttpClient();

        await Sink(http, receiver, options => options.PreviousSecret = OldSecret).SendAsync(AlertWorld.Alert(), Token);

        var (headers, body) = Assert.Single(receiver.Requests);
        Assert.Equal(AlertWorld.Alert().Id, headers["webhook-id"]);
        Assert.Equal(AlertWorld.Noon.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), headers["webhook-timestamp"]);
        Assert.Equal("application/json", headers["content-type"]);
        Assert.True(Verifies(Secret, headers, body));
        Assert.True(Verifies(OldSecret, headers, body));
        Assert.False(Verifies("whsec_" + Convert.ToBase64String(new byte[32]), headers, body));
        Assert.False(Verifies(Secret, headers, [.. body, (byte)' ']));
    }

    [Fact]
    public async Task SendAsync_Alert_IsTheBody()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Status(200));
        using var http = new HttpClient();

        await Sink(http, receiver).SendAsync(AlertWorld.Alert() with { Recipients = ["finance"], Account = "research" }, Token);

        var body = JsonNode.Parse(Assert.Single(receiver.Requests).Body)!;
        Assert.Equal("openrouter.billing.negative_balance", (string?)body["type"]);
        Assert.Equal(AlertWorld.Noon, (DateTimeOffset)body["timestamp"]!);
        Assert.Equal("Warning", (string?)body["data"]!["severity"]);
        Assert.Equal("The balance is 3.00 USD, below 5.00 USD.", (string?)body["data"]!["message"]);
        Assert.Equal((3m, 5m), ((decimal)body["data"]!["value"]!, (decimal)body["data"]!["threshold"]!));
        Assert.Equal("finance", (string?)body["data"]!["recipients"]![0]);
        Assert.Equal("research", (string?)body["data"]!["account"]);
    }

    [Theory]
    [InlineData("500")]
    [InlineData("429")]
    [InlineData("404")]
    [InlineData(WebhookReceiver.Hangup)]
    public async Task SendAsync_ReceiverThatFailsTwice_GetsTheSameIdAgainWithFreshSignatures(string failure)
    {
        var answer = int.TryParse(failure, out var status) ? WebhookReceiver.Status(status) : failure;
        await using var receiver = new WebhookReceiver(answer, answer, WebhookReceiver.Status(200));
        using var http = new HttpClient(new Attempts(this));

        await FinishAsync(Sink(http, receiver).SendAsync(AlertWorld.Alert(), Token).AsTask(), receiver);

        Assert.Equal(3, receiver.Requests.Count);
        Assert.Single(receiver.Requests.Select(request => request.Headers["webhook-id"]).Distinct());
        Assert.Equal(3, receiver.Requests.Select(request => request.Headers["webhook-timestamp"]).Distinct().Count());
        Assert.All(receiver.Requests, request => Assert.True(Verifies(Secret, request.Headers, request.Body)));
    }

    [Fact]
    public async Task SendAsync_ReceiverThatAlwaysFails_EndsAfterItsAttempts()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Status(500));
        using var http = new HttpClient(new Attempts(this));

        var failed = await Assert.ThrowsAsync<WebhookFailedException>(() => FinishAsync(Sink(http, receiver).SendAsync(AlertWorld.Alert(), Token).AsTask(), receiver));

        Assert.Equal((5, "it answered 500"), (failed.Attempts, failed.LastFailure));
        Assert.Equal(5, receiver.Requests.Count);
        Assert.DoesNotContain("secret-path", failed.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failed.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendAsync_ReceiverThatAlwaysFails_HandsTheAlertToWhoeverWantsIt()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Status(500));
        using var http = new HttpClient(new Attempts(this));
        var undelivered = new List<BillingAlert>();

        await FinishAsync(Sink(http, receiver, options => options.OnUndelivered = (alert, _) =>
        {
            undelivered.Add(alert);
            return ValueTask.CompletedTask;
        }).SendAsync(AlertWorld.Alert(), Token).AsTask(), receiver);

        Assert.Equal(AlertWorld.Alert().Id, Assert.Single(undelivered).Id);
    }

    [Fact]
    public async Task SendAsync_ReceiverThatNeverAnswers_EndsWithinTheTotalTime()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Silence);
        using var http = new HttpClient(new Attempts(this));
        var begun = _clock.GetUtcNow();

        var failed = await Assert.ThrowsAsync<WebhookFailedException>(() => FinishAsync(
            Sink(http, receiver, options => (options.MaxAttempts, options.TotalTimeout) = (10, TimeSpan.FromMinutes(1))).SendAsync(AlertWorld.Alert(), Token).AsTask(), receiver));

        Assert.Equal("it did not answer in time", failed.LastFailure);
        Assert.InRange(_clock.GetUtcNow() - begun, TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task SendAsync_RetryAfter_IsWaitedFor()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Status(429, "Retry-After: 120\r\n"), WebhookReceiver.Status(200));
        using var http = new HttpClient(new Attempts(this));
        var begun = _clock.GetUtcNow();

        await FinishAsync(Sink(http, receiver).SendAsync(AlertWorld.Alert(), Token).AsTask(), receiver);

        Assert.InRange(_clock.GetUtcNow() - begun, TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(180));
    }

    [Fact]
    public async Task SendAsync_PauseThatEndsLateAndBeyondTheTotalTime_IsGivenUpAsAnyOther()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Status(429, "Retry-After: 20\r\n"));
        using var http = new HttpClient(new Attempts(this));
        var options = new WebhookSinkOptions { Address = receiver.Address, Secret = Secret };

        var failed = await Assert.ThrowsAsync<WebhookFailedException>(() => FinishAsync(new WebhookAlertSink(http, options, new LateClock(_clock)).SendAsync(AlertWorld.Alert(), Token).AsTask(), receiver));

        Assert.Equal((2, "it did not answer in time"), (failed.Attempts, failed.LastFailure));
    }

    [Fact]
    public async Task SendAsync_RetryAfterBeyondTheTotalTime_IsNotWaitedFor()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Status(429, "Retry-After: 86400\r\n"));
        using var http = new HttpClient();

        var failed = await Assert.ThrowsAsync<WebhookFailedException>(() => Sink(http, receiver).SendAsync(AlertWorld.Alert(), Token).AsTask());

        Assert.Equal(1, failed.Attempts);
    }

    [Fact]
    public async Task SendAsync_AddressThatIsGone_IsNotTriedAgain()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Status(410));
        using var http = new HttpClient();

        Assert.Equal(1, (await Assert.ThrowsAsync<WebhookFailedException>(() => Sink(http, receiver).SendAsync(AlertWorld.Alert(), Token).AsTask())).Attempts);
    }

    [Fact]
    public async Task SendAsync_AnswerWithoutEnd_IsNotRead()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Flood);
        using var http = new HttpClient();

        await Sink(http, receiver).SendAsync(AlertWorld.Alert(), Token);

        // What the sockets of both sides hold, and no more.
        Assert.InRange(receiver.Flooded, 0, 64 * 1024 * 1024);
    }

    [Theory]
    [InlineData(WebhookReceiver.Drip, "it did not answer in time")]
    [InlineData(WebhookReceiver.Deaf, "it did not answer in time")]
    [InlineData(WebhookReceiver.Silence, "it did not answer in time")]
    [InlineData(WebhookReceiver.Heavy, "it answered 500")]
    public async Task SendAsync_ReceiverThatWastesTimeAndBytes_IsGivenUpWithinBoundsAndHandsTheAlertOn(string fault, string failure)
    {
        await using var receiver = new WebhookReceiver(fault);
        using var http = new HttpClient(new Attempts(this));
        var (undelivered, begun) = (new List<BillingAlert>(), _clock.GetUtcNow());

        await FinishAsync(Sink(http, receiver, options =>
        {
            (options.MaxAttempts, options.AttemptTimeout, options.TotalTimeout) = (3, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
            options.OnUndelivered = (alert, _) =>
            {
                undelivered.Add(alert);
                return ValueTask.CompletedTask;
            };
        }).SendAsync(AlertWorld.Alert(), Token).AsTask(), receiver);
        var failed = await Assert.ThrowsAsync<WebhookFailedException>(() => FinishAsync(Sink(http, receiver, options => options.MaxAttempts = 1).SendAsync(AlertWorld.Alert(), Token).AsTask(), receiver));

        Assert.Equal(AlertWorld.Alert().Id, Assert.Single(undelivered).Id);
        Assert.Equal(failure, failed.LastFailure);
        Assert.InRange(_clock.GetUtcNow() - begun, TimeSpan.Zero, TimeSpan.FromMinutes(1.5));
        Assert.Equal(4, receiver.Connections);
        // What the sockets of both sides hold for each attempt, and no more.
        Assert.InRange(receiver.Flooded, 0, 4 * 16 * 1024 * 1024);
    }

    [Fact]
    public async Task SendAsync_GoodAnswerWhoseBodyNeverComes_IsDelivered()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Stall);
        using var http = new HttpClient();

        await Sink(http, receiver).SendAsync(AlertWorld.Alert(), Token);

        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task SendAsync_LessThanWanted_IsNotSent()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Status(200));
        using var http = new HttpClient();

        await Sink(http, receiver, options => options.LeastSeverity = AlertSeverity.Urgent).SendAsync(AlertWorld.Alert(AlertSeverity.Warning), Token);

        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task SendAsync_AppThatStops_Ends()
    {
        await using var receiver = new WebhookReceiver(WebhookReceiver.Silence);
        using var http = new HttpClient();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var sending = Sink(http, receiver).SendAsync(AlertWorld.Alert(), stopping.Token).AsTask();
        await BillingClientKit.UntilAsync(() => !receiver.Requests.IsEmpty, "the request");
        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Theory]
    [InlineData("http://example.com/", "Address")]
    [InlineData("ftp://example.com/", "Address")]
    [InlineData(null, "Address")]
    public void Constructor_AddressThatCannotBe_IsRefusedWithoutShowingIt(string? address, string named)
    {
        using var http = new HttpClient();

        var refused = Assert.Throws<ArgumentException>(() => new WebhookAlertSink(http, new WebhookSinkOptions { Address = address is null ? null : new Uri(address), Secret = Secret }));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("example.com", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("whsec_")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=")]
    [InlineData("whsec_not base64, though it is long enough to be one")]
    public void Constructor_SecretThatIsNone_IsRefusedWithoutShowingIt(string? secret)
    {
        using var http = new HttpClient();

        var refused = Assert.Throws<ArgumentException>(() => new WebhookAlertSink(http, new WebhookSinkOptions { Address = new Uri("https://example.com/"), Secret = secret }));

        Assert.StartsWith("Secret", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(secret is { Length: > 6 } ? secret[6..] : "AQID", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_TimesOutOfRange_AreRefused()
    {
        using var http = new HttpClient();
        Action<WebhookSinkOptions>[] wrongs =
        [
            options => options.MaxAttempts = 0,
            options => options.MaxAttempts = 11,
            options => options.AttemptTimeout = TimeSpan.Zero,
            options => options.RetryDelay = -TimeSpan.FromSeconds(1),
            options => options.TotalTimeout = TimeSpan.FromMinutes(6),
            options => options.PreviousSecret = "old",
        ];

        Assert.All(wrongs, wrong =>
        {
            var options = new WebhookSinkOptions { Address = new Uri("https://example.com/"), Secret = Secret };
            wrong(options);
            Assert.Throws<ArgumentException>(() => new WebhookAlertSink(http, options));
        });
    }

    /// <summary>The convention, as its text has it: any of the signatures is base64 of HMAC-SHA256 over "id.timestamp.body", by the bytes behind whsec_.</summary>
    private static bool Verifies(string secret, Dictionary<string, string> headers, byte[] body)
    {
        using var hmac = new HMACSHA256(Convert.FromBase64String(secret.Replace("whsec_", "", StringComparison.Ordinal)));
        var signed = Encoding.UTF8.GetBytes(headers["webhook-id"] + "." + headers["webhook-timestamp"] + "." + Encoding.UTF8.GetString(body));
        var expected = hmac.ComputeHash(signed);
        return headers["webhook-signature"].Split(' ').Where(part => part.StartsWith("v1,", StringComparison.Ordinal))
            .Any(part => CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(part[3..]), expected));
    }

    private WebhookAlertSink Sink(HttpClient http, WebhookReceiver receiver, Action<WebhookSinkOptions>? configure = null)
    {
        var options = new WebhookSinkOptions { Address = receiver.Address, Secret = Secret };
        configure?.Invoke(options);
        return new WebhookAlertSink(http, options, _clock);
    }

    /// <summary>
    /// Moves the clock on for as long as the delivery takes. While a request is on its way the clock stands, however slow the machine is,
    /// unless the receiver has begun to neglect it.
    /// </summary>
    private async Task FinishAsync(Task delivery, WebhookReceiver receiver)
    {
        var watch = Stopwatch.StartNew();
        while (!delivery.IsCompleted)
        {
            Assert.True(watch.Elapsed < BillingClientKit.Patience, "The delivery does not end.");
            if (!SpinWait.SpinUntil(() => delivery.IsCompleted, TimeSpan.FromMilliseconds(10)) && _clock.PendingTimers > 0 && Volatile.Read(ref _unanswered) <= receiver.Neglected)
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
            }
        }

        await delivery;
    }

    /// <summary>A clock whose timers fire five minutes late, as those of a machine that slept.</summary>
    private sealed class LateClock(ManualTimeProvider clock) : TimeProvider
    {
        private long _late;

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

        public override long GetTimestamp() => clock.GetTimestamp() + Interlocked.Read(ref _late);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => clock.CreateTimer(
            fired =>
            {
                Interlocked.Add(ref _late, 5 * TimeSpan.TicksPerMinute);
                callback(fired);
            },
            state,
            dueTime,
            period);
    }

    /// <summary>Counts the requests that got no answer, those on their way included.</summary>
    private sealed class Attempts(WebhookAlertSinkTests test) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref test._unanswered);
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                Interlocked.Decrement(ref test._unanswered);
                return response;
            }
            catch (HttpRequestException)
            {
                Interlocked.Decrement(ref test._unanswered);
                throw;
            }
        }
    }
}
