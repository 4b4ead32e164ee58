using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>A server of a few bytes: reads each request, writes what it was told, and closes or falls silent.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<NetworkStream, CancellationToken, Task> _talk;
    private readonly string _scheme;
    private readonly Task _serving;

    /// <summary>A server that answers every request alike.</summary>
    public LoopbackServer(string answer, bool closes = true)
        : this(async (_, stream, stop) =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), stop);
            await (closes ? Task.CompletedTask : Task.Delay(Timeout.Infinite, stop));
        })
    {
    }

    /// <summary>A server that is told what to do with each request's head and connection, which it closes afterwards.</summary>
    public LoopbackServer(Func<string, Stream, CancellationToken, Task> serve)
    {
        _talk = async (stream, stop) =>
        {
            var head = await ReadRequestAsync(stream, stop);
            Requests.Enqueue(head);
            await serve(head, stream, stop);
        };
        _scheme = Uri.UriSchemeHttp;
        _serving = ServeAsync();
    }

    private LoopbackServer(Func<NetworkStream, CancellationToken, Task> talk)
    {
        _talk = talk;
        _scheme = Uri.UriSchemeHttps;
        _serving = ServeAsync();
    }

    /// <summary>The heads of all requests, as they came.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public Uri Address => new($"{_scheme}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/api/v1/");

    /// <summary>A server that shows this certificate, and has nothing else to say.</summary>
    public static LoopbackServer Showing(X509Certificate2 certificate) => new(async (stream, stop) =>
    {
        await using var encrypted = new SslStream(stream);
        await encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stop);
        await encrypted.ReadExactlyAsync(new byte[1], stop);
    });

    /// <summary>A server that hangs up on the first bytes of an encrypted connection.</summary>
    public static LoopbackServer HangingUp() => new(async (stream, stop) => await stream.ReadAtLeastAsync(new byte[1024], 1, throwOnEndOfStream: false, stop));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stop.Dispose();
    }

    private static async Task<string> ReadRequestAsync(NetworkStream stream, CancellationToken stop)
    {
        var (request, buffer, missing) = (new StringBuilder(), new byte[4096], int.MaxValue);
        int read;
        while (missing > 0 && (read = await stream.ReadAsync(buffer, stop)) > 0)
        {
            request.Append(Encoding.Latin1.GetString(buffer, 0, read));
            missing = Missing(request.ToString());
        }

        return request.ToString().Split("\r\n\r\n")[0];
    }

    // A connection that is closed on bytes that nobody has read takes the answer with it.
    private static int Missing(string request)
    {
        var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return int.MaxValue;
        }

        var length = request[..end].Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return (length is null ? 0 : int.Parse(length.Split(':')[1], CultureInfo.InvariantCulture)) - (request.Length - end - 4);
    }

    private async Task ServeAsync()
    {
        _listener.Start();
        var open = new List<Task>();
        try
        {
            while (true)
            {
                open.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
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
                await _talk(client.GetStream(), _stop.Token);
            }
            catch (Exception exception) when (exception is IOException or AuthenticationException or OperationCanceledException)
            {
                // The client left first, which some tests are about.
            }
        }
    }
}
