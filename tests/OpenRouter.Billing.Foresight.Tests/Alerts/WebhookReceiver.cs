using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

/// <summary>A receiver of webhooks that answers as it is told, one answer after the other, and the last one for ever.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    /// <summary>Reads the request and never answers.</summary>
    public const string Silence = "silence";

    /// <summary>Reads nothing and never answers.</summary>
    public const string Deaf = "deaf";

    /// <summary>Sends the head of an answer, one byte after the other, and never comes to its end.</summary>
    public const string Drip = "drip";

    /// <summary>Sends the head of a good answer, and never the body that it promises.</summary>
    public const string Stall = "stall";

    /// <summary>Refuses with a body of 100 MB.</summary>
    public const string Heavy = "heavy";

    /// <summary>Closes the connection without an answer.</summary>
    public const string Hangup = "hangup";

    /// <summary>Sends the head of an answer, and then a body without end.</summary>
    public const string Flood = "flood";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string[] _answers;
    private readonly Task _serving;
    private int _served;
    private int _neglected;

    public WebhookReceiver(params string[] answers)
    {
        _answers = answers;
        _listener.Start();
        _serving = ServeAsync();
    }

    public ConcurrentQueue<(Dictionary<string, string> Headers, byte[] Body)> Requests { get; } = new();

    /// <summary>How many connections there were.</summary>
    public int Connections { get; private set; }

    /// <summary>How many of them it has begun to leave without an answer, for good.</summary>
    public int Neglected => Volatile.Read(ref _neglected);

    /// <summary>How many bytes of a large answer somebody was ready to take.</summary>
    public long Flooded { get; private set; }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/hooks/T000/secret-path");

    public static string Status(int status, string headers = "") => $"HTTP/1.1 {status} Said\r\nContent-Length: 0\r\nConnection: close\r\n{headers}\r\n";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Connections++;
                open.Add(AnswerAsync(client));
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var answer = _answers[Math.Min(Interlocked.Increment(ref _served), _answers.Length) - 1];
                if (answer != Deaf)
                {
                    await ReadAsync(stream);
                }

                await (answer switch
                {
                    Silence or Deaf => NeglectAsync(),
                    Hangup => Task.CompletedTask,
                    Flood => FloodAsync(stream, "200 OK", 1_000_000_000_000),
                    Heavy => FloodAsync(stream, "500 Broken", 100_000_000),
                    Stall => StallAsync(stream),
                    Drip => DripAsync(stream),
                    _ => stream.WriteAsync(Encoding.ASCII.GetBytes(answer), _stop.Token).AsTask(),
                });
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                // The sender left first, which some tests are about.
            }
        }
    }

    private Task NeglectAsync()
    {
        Interlocked.Increment(ref _neglected);
        return Task.Delay(Timeout.Infinite, _stop.Token);
    }

    private async Task FloodAsync(NetworkStream stream, string status, long length)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n")), _stop.Token);
        var chunk = new byte[64 * 1024];
        for (var sent = 0L; sent < length; sent += chunk.Length)
        {
            await stream.WriteAsync(chunk, _stop.Token);
            Flooded += chunk.Length;
        }
    }

    private async Task StallAsync(NetworkStream stream)
    {
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"u8.ToArray(), _stop.Token);
        await Task.Delay(Timeout.Infinite, _stop.Token);
    }

    private async Task DripAsync(NetworkStream stream)
    {
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nX-Slow: "u8.ToArray(), _stop.Token);
        Interlocked.Increment(ref _neglected);
        while (true)
        {
            await stream.WriteAsync("a"u8.ToArray(), _stop.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(10), _stop.Token);
        }
    }

    private async Task ReadAsync(NetworkStream stream)
    {
        var (bytes, buffer, head) = (new List<byte>(), new byte[4096], -1);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (head < 0 || bytes.Count < head + int.Parse(headers.GetValueOrDefault("content-length", "0"), CultureInfo.InvariantCulture))
        {
            var read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0)
            {
                return;
            }

            bytes.AddRange(buffer.Take(read));
            if (head < 0 && Encoding.ASCII.GetString([.. bytes]).IndexOf("\r\n\r\n", StringComparison.Ordinal) is var end and >= 0)
            {
                head = end + 4;
                foreach (var line in Encoding.ASCII.GetString([.. bytes], 0, end).Split("\r\n").Skip(1))
                {
                    headers[line.Split(':')[0]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
                }
            }
        }

        Requests.Enqueue((headers, [.. bytes.Skip(head)]));
    }
}
