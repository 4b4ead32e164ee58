using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>What the guard has booked is what the server has billed, however requests end.</summary>
public sealed class BilledEqualsBookedTests
{
    private const int Callers = 16;

    private static readonly (string Path, string Input)[] Skins = [("chat/completions", "messages"), ("responses", "input"), ("messages", "messages")];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task Booked_FiveThousandRequestsOfAllKinds_IsBilledToTheNanoDollar()
    {
        const int Requests = 5_000;
        await using var world = await World.StartAsync();
        world.Sandbox.Faults.Add("*", SandboxFault.Truncate(), when: request => request.Body.Contains("cut me", StringComparison.Ordinal));
        world.Sandbox.Faults.Add("*", SandboxFault.ErrorInBody(502, "Upstream error"), when: request => request.Body.Contains("fail me", StringComparison.Ordinal));
        world.Sandbox.Faults.Add("*", SandboxFault.StreamError(502, "Upstream error", 2), when: request => request.Body.Contains("break me", StringComparison.Ordinal));

        await world.RunAsync(Requests, Ask.Random);

        Assert.Equal(Requests, world.Ends.Values.Sum());
        Assert.Equal(world.Sandbox.Account.TotalUsage, world.Books.Booked);
        Assert.Equal(world.Sandbox.Account.TotalUsage, world.Books.BookedWithByok);
        Assert.DoesNotContain(world.Log.Entries, entry => entry.Event is "NotReconciled" or "SettlementFailed" or "RequestRefused");
        Assert.All((string[])["read", "left", "cut", "400"], end => Assert.InRange(world.Ends.GetValueOrDefault(end), 50, Requests));
        Assert.InRange(world.Sandbox.Requests.Count("GET /generation"), 500, int.MaxValue);
        world.Report(Requests);
    }

    // Of these the guard knows no id, or one that is never written down: it books the most that they can have cost.
    [Theory(Timeout = 60_000)]
    [InlineData("cut before the head, billed")]
    [InlineData("cut before the head, not billed")]
    [InlineData("left before the head")]
    [InlineData("left, and then it failed")]
    public async Task Booked_NothingIsToldOfTheCost_IsTheClaimAndNeverLessThanBilled(string how)
    {
        const int Requests = 40;
        await using var world = await World.StartAsync();
        world.Options.Guard.ReconcileFor = TimeSpan.FromSeconds(20);
        world.Sandbox.Faults.Add("POST /chat/completions", how switch
        {
            "left before the head" => SandboxFault.Gate(),
            "left, and then it failed" => SandboxFault.StreamError(502, "Upstream error", 2),
            _ => SandboxFault.Disconnect(billed: !how.Contains("not", StringComparison.Ordinal)),
        });
        var ask = Ask.Random(0, 1) with { Skin = 0, Text = "hello", IsStreamed = true, IsBuffered = false, Encoding = null, LeaveAfter = how == "left, and then it failed" ? 60 : null };

        await world.RunAsync(Requests, (_, number) => how != "left before the head" ? ask : ask with { GiveUpWhen = () => world.ReceivedAsync(number) }, callers: 1);

        Assert.Equal(Requests * world.Options.Guard.PaidRequestClaim, world.Books.Booked);
        // The server notices by itself that a caller has left, and bills it.
        var isBilled = !how.Contains("not", StringComparison.Ordinal) && !how.Contains("failed", StringComparison.Ordinal);
        await BillingClientKit.UntilAsync(() => world.Sandbox.Account.Generations.Count == (isBilled ? Requests : 0), "the server's bills");
        Assert.InRange(world.Sandbox.Account.TotalUsage, isBilled ? 0.0000001m : 0, world.Books.Booked);
        world.Report(Requests);
    }

    /// <summary>One request: what it asks for, and how its caller behaves.</summary>
    private sealed record Ask(int Skin, string Text)
    {
        public string Model { get; init; } = GuardedSandbox.PaidModel;

        public bool IsStreamed { get; init; }

        public string? Encoding { get; init; }

        public bool IsCached { get; init; }

        public bool Searches { get; init; }

        public bool IsSynchronous { get; init; }

        public bool IsBuffered { get; init; }

        /// <summary>After how many bytes the caller leaves; null for one that reads to the end.</summary>
        public int? LeaveAfter { get; init; }

        /// <summary>When the caller gives up while it waits for the head; null for never.</summary>
        public Func<Task>? GiveUpWhen { get; init; }

        public static Ask Random(int seed, int number)
        {
            var random = new Random((seed * 7919) + number);
            var ask = new Ask(random.Next(Skins.Length), string.Create(CultureInfo.InvariantCulture, $"Request {number}: {new string('x', random.Next(200))}"))
            {
                IsStreamed = random.Next(2) == 0,
                Encoding = random.Next(4) switch { 0 => "gzip", 1 => "br", _ => null },
                IsSynchronous = random.Next(3) == 0,
                IsBuffered = random.Next(3) == 0,
            };
            return random.Next(100) switch
            {
                < 20 => ask with { LeaveAfter = random.Next(600), IsBuffered = false },
                < 26 => ask with { Text = "cut me " + ask.Text },
                < 31 => ask with { Text = "fail me " + ask.Text },
                < 36 => ask with { Text = "break me " + ask.Text, IsStreamed = true, Encoding = null },
                < 46 => ask with { IsCached = true, Text = string.Create(CultureInfo.InvariantCulture, $"Again {number % 5}") },
                < 51 => ask with { Searches = true },
                < 54 => ask with { Model = "nobody/knows" },
                54 when number % 8 == 0 => ask with { Model = GuardedSandbox.FreeModel },
                < 70 => ask with { Model = "anthropic/claude-haiku-4.5" },
                _ => ask,
            };
        }

        public HttpRequestMessage ToRequest(World world)
        {
            var (path, input) = Skins[Skin];
            var search = Searches ? ""","plugins":[{"id":"web"}]""" : "";
            var body = $$"""{"model":"{{Model}}","max_tokens":64,"stream":{{(IsStreamed ? "true" : "false")}}{{search}},"{{input}}":[{"role":"user","content":"{{Text}}"}]}""";
            var request = new HttpRequestMessage(HttpMethod.Post, new Uri(world.Sandbox.BaseAddress, path)) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", world.Sandbox.ApiKey);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", Encoding is null ? [] : [Encoding]);
            request.Headers.TryAddWithoutValidation("X-OpenRouter-Cache", IsCached ? ["true"] : []);
            return request;
        }
    }

    /// <summary>A sandbox whose message streams hide their cost, a guarded client, and books that can be read. Time runs 20 times as fast.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly HttpClient _billing = new() { Timeout = Timeout.InfiniteTimeSpan };
        private readonly HttpClient _http;
        private readonly BillingGuard _guard;

        private World(OpenRouterSandbox sandbox, FastTimeProvider clock)
        {
            var longTime = TimeSpan.FromHours(2);
            Sandbox = sandbox;
            Options = new OpenRouterBillingOptions { ApiKey = sandbox.ApiKey, ManagementKey = sandbox.ManagementKey, BaseAddress = sandbox.BaseAddress, AttemptTimeout = longTime, TotalTimeout = longTime };
            Options.Guard.Pricing = PricingMode.Flat;
            (Options.Guard.ReadingTimeout, Options.Guard.ReconcileFor, Options.Guard.LeaseDuration) = (longTime, longTime, TimeSpan.FromHours(10));
            Books = new WitnessLedger(new InMemoryBillingLedger(clock));
            _guard = new BillingGuard(_billing, Options, new() { Ledger = Books, TimeProvider = clock, Logger = Log });
            // Left answers are not read on behind the caller's back.
            _http = new HttpClient(new BillingGuardHandler(_guard, Options, timeProvider: clock) { InnerHandler = new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero } }) { Timeout = Timeout.InfiniteTimeSpan };
        }

        public OpenRouterSandbox Sandbox { get; }

        public OpenRouterBillingOptions Options { get; }

        public WitnessLedger Books { get; }

        public RecordingLogger<BillingGuard> Log { get; } = new();

        /// <summary>How many requests ended how.</summary>
        public ConcurrentDictionary<string, int> Ends { get; } = new();

        public static async Task<World> StartAsync()
        {
            var clock = new FastTimeProvider(20);
            var sandbox = await OpenRouterSandbox.StartAsync(options => (options.TimeProvider, options.InitialCredits, options.ShowCostInMessageStreams, options.CompressStreams, options.OutputTokens) = (clock, 1000m, false, true, 24), Cancellation);
            return new World(sandbox, clock);
        }

        public async Task RunAsync(int requests, Func<int, int, Ask> asks, int callers = Callers)
        {
            var next = 0;
            await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(
                async () =>
                {
                    for (int number; (number = Interlocked.Increment(ref next)) <= requests;)
                    {
                        Ends.AddOrUpdate(await SendAsync(asks(1, number)), 1, (_, count) => count + 1);
                    }
                },
                Cancellation)));
            // Compressed answers are read to their end in the background, and may then open a question.
            await BillingClientKit.UntilAsync(() => Books.Open == 0, "everything to be booked");
            await _guard.WaitUntilReconciledAsync();
        }

        /// <summary>Waits until the server has got so many chats.</summary>
        public Task ReceivedAsync(int chats) => BillingClientKit.UntilAsync(() => Sandbox.Requests.Count(GuardedSandbox.ChatRoute) >= chats, "the request to arrive");

        public void Report(int requests) => TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{requests} requests ({string.Join(", ", Ends.OrderBy(end => end.Key).Select(end => $"{end.Value} {end.Key}"))}): billed {Sandbox.Account.TotalUsage} USD, booked {Books.Booked} USD, {Sandbox.Requests.Count("GET /generation")} questions"));

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            _billing.Dispose();
            await Sandbox.DisposeAsync();
        }

        private async Task<string> SendAsync(Ask ask)
        {
            using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            using var request = ask.ToRequest(this);
            var completion = ask.IsBuffered ? HttpCompletionOption.ResponseContentRead : HttpCompletionOption.ResponseHeadersRead;
            try
            {
                // Given up while it is waited for: by then the server has the request.
                var leaving = ask.GiveUpWhen?.Invoke().ContinueWith(_ => giveUp.CancelAsync(), TaskScheduler.Default).Unwrap() ?? Task.CompletedTask;
                using var response = ask.IsSynchronous && ask.GiveUpWhen is null ? _http.Send(request, completion, Cancellation) : await _http.SendAsync(request, completion, giveUp.Token);
                await leaving;
                return await ReadAsync(response, ask) ? response.IsSuccessStatusCode ? "read" : ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture) : "left";
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                return "cut";
            }
            catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
            {
                return "given up";
            }
        }

        private static async Task<bool> ReadAsync(HttpResponseMessage response, Ask ask)
        {
            var stream = ask.IsSynchronous ? response.Content.ReadAsStream(Cancellation) : await response.Content.ReadAsStreamAsync(Cancellation);
            var buffer = new byte[64];
            for (var total = 0; !(total >= ask.LeaveAfter);)
            {
                var read = ask.IsSynchronous ? stream.Read(buffer) : await stream.ReadAsync(buffer, Cancellation);
                if (read == 0)
                {
                    return true;
                }

                total += read;
            }

            return false;
        }
    }
}
