using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Guard.Soak;

/// <summary>A while of mixed load on a sandbox of its own and a server of broken bytes; the guards outlive it.</summary>
internal sealed class SoakRound : IAsyncDisposable
{
    /// <summary>How many leases may be open before the callers wait: what is left and cut is asked about afterwards, and of more than a thousand open questions the rest is booked as claimed.</summary>
    private const int MostOpen = 900;

    private static readonly string[] Broken =
    [
        "", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"choices\":[", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: {\"a\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "SSH-2.0-OpenSSH_9.9\r\n",
    ];

    private readonly OpenRouterSandbox _sandbox;
    private readonly LoopbackServer _raw;
    private readonly GuardedKey _known;
    private readonly GuardedKey _unknown;
    private readonly ConcurrentDictionary<string, int> _ends;
    private int _connections;

    private SoakRound(OpenRouterSandbox sandbox, GuardedKey known, GuardedKey unknown, ConcurrentDictionary<string, int> ends)
    {
        (_sandbox, _known, _unknown, _ends) = (sandbox, known, unknown, ends);
        _raw = new LoopbackServer((_, stream, stop) => stream.WriteAsync(Encoding.ASCII.GetBytes(Broken[Interlocked.Increment(ref _connections) % Broken.Length]), stop).AsTask());
        sandbox.Account.CreateKey(new SandboxKeyOptions { Secret = unknown.Key });
        foreach (var (name, fault) in (ReadOnlySpan<(string, SandboxFault)>)
        [
            ("cut", SandboxFault.Truncate()), ("error in a 200", SandboxFault.ErrorInBody(502, "Upstream error")), ("error in a stream", SandboxFault.StreamError(502, "Upstream error", 2)),
            ("503", SandboxFault.Answer(503, """{"error":{"code":503,"message":"Overloaded"}}""")), ("hang up", SandboxFault.Disconnect()), ("hang up after the bill", SandboxFault.Disconnect(billed: true)),
            ("stall", SandboxFault.Hang(billed: true)),
        ])
        {
            sandbox.Faults.Add("POST /chat/completions", fault, when: request => request.Body.Contains($"fault: {name}.", StringComparison.Ordinal));
        }

        var asked = 0;
        foreach (var route in (ReadOnlySpan<string>)["GET /credits", "GET /key", "GET /models"])
        {
            sandbox.Faults.Add(route, SandboxFault.Answer(502, "<html>", "text/html"), when: _ => Interlocked.Increment(ref asked) % 7 == 0);
            sandbox.Faults.Add(route, SandboxFault.Disconnect(), when: _ => Interlocked.Increment(ref asked) % 11 == 0);
            sandbox.Faults.Add(route, SandboxFault.Truncate(), when: _ => Interlocked.Increment(ref asked) % 13 == 0);
        }
    }

    public static async Task<SoakRound> StartAsync(int port, GuardedKey known, GuardedKey unknown, ConcurrentDictionary<string, int> ends)
    {
        var sandbox = await OpenRouterSandbox.StartAsync(
            options =>
            {
                (options.Port, options.ApiKey, options.ManagementKey, options.InitialCredits) = (port, known.Key, TestData.ManagementKey, 1_000_000m);
                (options.RecordedRequests, options.CompressStreams, options.OutputTokens, options.GenerationDelay) = (0, true, 24, TimeSpan.FromMilliseconds(200));
            },
            TestContext.Current.CancellationToken);
        return new SoakRound(sandbox, known, unknown, ends);
    }

    /// <summary>Runs for a while, and until everything is booked.</summary>
    public async Task RunAsync(TimeSpan time, int callers, int seed)
    {
        var since = Stopwatch.GetTimestamp();
        using var known = _known.Client(_sandbox.BaseAddress);
        using var unknown = _unknown.Client(_sandbox.BaseAddress);
        using var raw = _unknown.Client(_raw.Address);
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random((seed * 1_000) + caller);
            while (Stopwatch.GetElapsedTime(since) < time)
            {
                if (_known.Books.Open > MostOpen)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(10));
                    continue;
                }

                var ask = SoakAsk.Random(random);
                var end = await SendAsync(ask, ask.IsRaw ? raw : ask.IsBillKnown ? known : unknown);
                _ends.AddOrUpdate($"{ask.Kind}: {end}", 1, (_, count) => count + 1);
            }
        })));
        foreach (var guarded in (GuardedKey[])[_known, _unknown])
        {
            await BillingClientKit.UntilAsync(() => guarded.Books.Open == 0, "everything to be booked");
            await guarded.WaitUntilReconciledAsync().WaitAsync(BillingClientKit.Patience);
        }
    }

    /// <summary>US dollars that were billed for requests whose bill is told, and for the others.</summary>
    public (decimal Known, decimal Unknown) Billed => (Bill(_known), Bill(_unknown));

    public async ValueTask DisposeAsync()
    {
        await _raw.DisposeAsync();
        await _sandbox.DisposeAsync();
    }

    private decimal Bill(GuardedKey guarded) => _sandbox.Account.Keys.Single(key => key.Secret == guarded.Key).Usage;

    private async Task<string> SendAsync(SoakAsk ask, HttpClient http)
    {
        using var giveUp = new CancellationTokenSource(ask.GiveUpAfter ?? Timeout.InfiniteTimeSpan);
        using var request = ask.ToRequest(ask.IsRaw ? _raw.Address : _sandbox.BaseAddress, ask.IsBillKnown ? _known.Key : _unknown.Key);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, giveUp.Token);
            await using var stream = await response.Content.ReadAsStreamAsync(giveUp.Token);
            var buffer = new byte[256];
            int read;
            for (var total = 0; !(total >= ask.LeaveAfter) && (read = await stream.ReadAsync(buffer, giveUp.Token)) > 0;)
            {
                total += read;
            }

            return response.IsSuccessStatusCode ? "answered" : FormattableString.Invariant($"{(int)response.StatusCode}");
        }
        catch (BillingGuardException refusal)
        {
            return refusal.GetType().Name;
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
}
