using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>Answers every request on a socket of this machine with the same bytes, in chunks as a streaming server sends them.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private const int ChunkSize = 16 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _response;

    public LoopbackServer(byte[] answer, string contentType)
    {
        using var response = new MemoryStream();
        response.Write(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {contentType}\r\nTransfer-Encoding: chunked\r\n\r\n"));
        foreach (var chunk in answer.Chunk(ChunkSize))
        {
            response.Write(Encoding.ASCII.GetBytes($"{chunk.Length:x}\r\n"));
            response.Write(chunk);
            response.Write("\r\n"u8);
        }

        response.Write("0\r\n\r\n"u8);
        _response = response.ToArray();
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}/api/v1/");

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The benchmark is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        var stream = client.GetStream();
        var buffer = new byte[ChunkSize];
        try
        {
            // Requests are short, and the client sends the next one only when it has read the answer.
            while (await ReadRequestAsync(stream, buffer))
            {
                await stream.WriteAsync(_response);
            }
        }
        catch (IOException)
        {
            // The client is gone.
        }
    }

    private static async Task<bool> ReadRequestAsync(NetworkStream stream, byte[] buffer)
    {
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length));
            length += read;
            if (read == 0)
            {
                return false;
            }

            var request = buffer.AsSpan(0, length);
            if (request.EndsWith("]}"u8) || (request.StartsWith("GET "u8) && request.EndsWith("\r\n\r\n"u8)))
            {
                return true;
            }
        }
    }
}
