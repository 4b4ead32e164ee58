using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OpenRouter.Billing.Tests.Guard.Faults;

/// <summary>What one end of a connection does wrong: where it is, or what it sends.</summary>
internal sealed class WireFault : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _open = [];

    private WireFault()
    {
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>The server has got to where it does wrong; never, where there is no server.</summary>
    public Stage Stage { get; } = new();

    /// <summary>Whether nothing comes any more, so that somebody has to lose patience.</summary>
    public bool IsSilent { get; private init; }

    /// <summary>How much of the body comes before that.</summary>
    public int BytesBeforeSilence { get; private init; }

    /// <summary>Whether the client is to inflate what it reads, below the guard.</summary>
    public bool IsInflated { get; private init; }

    public static WireFault NoSuchHost() => new() { Address = new Uri("https://no-such-host.invalid/api/v1/") };

    public static WireFault Refused()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new WireFault { Address = AddressOf(listener) };
    }

    /// <summary>A queue of one that is full: whoever comes next is left without a word.</summary>
    public static WireFault NeverAccepted()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(backlog: 0);
        var first = new TcpClient();
        first.Connect((IPEndPoint)listener.LocalEndpoint);
        var fault = new WireFault { Address = AddressOf(listener), IsSilent = true };
        fault._open.Add(new Closing(listener));
        fault._open.Add(new Closing(first));
        return fault;
    }

    public static WireFault WrongCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=elsewhere.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var fault = At(LoopbackServer.Showing(certificate));
        fault._open.Add(new Closing(certificate));
        return fault;
    }

    public static WireFault HandshakeCut() => At(LoopbackServer.HangingUp());

    public static WireFault NoHead(ServedAnswer answer) => Of(answer, (stage, _, stop) => stage.StayAsync(stop), isSilent: true);

    public static WireFault HeadCut(ServedAnswer answer) => Of(answer, (_, stream, stop) => stream.WriteAsync(answer.WholeHead().AsMemory(..^9), stop).AsTask());

    public static WireFault BodyCut(ServedAnswer answer) => Of(answer, (_, stream, stop) => stream.WriteAsync(FirstHalf(answer), stop).AsTask());

    public static WireFault BodyStalls(ServedAnswer answer) => Of(
        answer,
        async (stage, stream, stop) =>
        {
            await stream.WriteAsync(FirstHalf(answer), stop);
            await stage.StayAsync(stop);
        },
        isSilent: true,
        bytesBeforeSilence: answer.Body.Length / 2);

    public static WireFault LengthTooGreat(ServedAnswer answer) =>
        Of(answer, (_, stream, stop) => stream.WriteAsync((byte[])[.. answer.WholeHead(answer.Body.Length + 100), .. answer.Body], stop).AsTask());

    public static WireFault LengthTooSmall(ServedAnswer answer) =>
        Of(answer, (_, stream, stop) => stream.WriteAsync((byte[])[.. answer.WholeHead(answer.Body.Length / 2), .. answer.Body], stop).AsTask());

    public static WireFault GzipGarbage(ServedAnswer answer, bool isInflated) => OfGzip(answer, [.. answer.Body.Select(letter => (byte)(letter ^ 0x5A))], isInflated);

    public static WireFault GzipCut(ServedAnswer answer, bool isInflated)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(answer.Body);
        }

        return OfGzip(answer, packed.ToArray()[..(int)(packed.Length / 2)], isInflated);
    }

    /// <summary>Nothing is wrong with the answer; half-way the server waits for something else to go wrong.</summary>
    public static WireFault HalfWay(ServedAnswer answer) => Of(answer, async (stage, stream, stop) =>
    {
        await stream.WriteAsync(FirstHalf(answer), stop);
        await stage.StayAsync(stop);
        await stream.WriteAsync((byte[])[.. answer.Part((answer.Body.Length / 2)..), .. answer.End], stop);
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var open in _open)
        {
            await open.DisposeAsync();
        }
    }

    private static WireFault OfGzip(ServedAnswer answer, byte[] body, bool isInflated) => Of(
        answer,
        (_, stream, stop) => stream.WriteAsync((byte[])[.. answer.WholeHead(body.Length, "Content-Encoding: gzip\r\nX-Generation-Id: gen-1\r\n"), .. body], stop).AsTask(),
        isInflated: isInflated);

    private static byte[] FirstHalf(ServedAnswer answer) => [.. answer.WholeHead(), .. answer.Part(..(answer.Body.Length / 2))];

    private static WireFault Of(ServedAnswer answer, Func<Stage, Stream, CancellationToken, Task> serve, bool isSilent = false, int bytesBeforeSilence = 0, bool isInflated = false)
    {
        var fault = new WireFault { IsSilent = isSilent, BytesBeforeSilence = bytesBeforeSilence, IsInflated = isInflated };
        return At(new LoopbackServer((_, stream, stop) => serve(fault.Stage, stream, stop)), fault);
    }

    private static WireFault At(LoopbackServer server, WireFault? fault = null)
    {
        fault ??= new WireFault();
        fault.Address = server.Address;
        fault._open.Add(server);
        return fault;
    }

    private static Uri AddressOf(TcpListener listener) => new($"http://{listener.LocalEndpoint}/api/v1/");

    private sealed class Closing(IDisposable inner) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            inner.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
