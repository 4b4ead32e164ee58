using System.Net.Sockets;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Faults;

/// <summary>A chat that is sent and read, and how that ended.</summary>
internal sealed class ReadAnswer : IDisposable
{
    private readonly MemoryStream _read = new();
    private Exception? _fault;
    private long _length;

    public ReadAnswer(HttpClient http, CancellationToken cancellationToken) => Done = ReadAsync(http, cancellationToken);

    public Task Done { get; }

    /// <summary>How much has come until now.</summary>
    public long Length => Interlocked.Read(ref _length);

    /// <summary>Says what came of a body, and how it ended, in the words of the table.</summary>
    public string Show(byte[] body)
    {
        var read = _read.ToArray();
        var isPart = body.AsSpan().StartsWith(read);
        return _fault is null
            ? read.Length == body.Length && isPart ? "every byte" : isPart ? "a part, as if whole" : "the bytes as sent"
            : (read.Length == 0 ? string.Empty : !isPart ? "other bytes, then " : read.Length == body.Length ? "every byte, then " : "a part, then ") + Show(_fault);
    }

    public void Dispose() => _read.Dispose();

    private static string Show(Exception fault)
    {
        var own = $"`{fault.GetType().Name[..^"Exception".Length]}`";
        return fault switch
        {
            // Which of the three a machine says depends on its resolver.
            HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } } => $"{own} (name)",
            HttpRequestException request => $"{own} ({request.HttpRequestError})",
            HttpIOException io => $"{own} ({io.HttpRequestError})",
            OpenRouterApiException api => FormattableString.Invariant($"{own} ({(int)api.StatusCode})"),
            BillingGuardException { InnerException: { } inner } => $"{own} ← {Show(inner)}",
            OpenRouterConnectionException { InnerException: { } inner } => $"{own} ← {Show(inner)}",
            OperationCanceledException { InnerException: TimeoutException inner } => $"{own} ← {Show(inner)}",
            _ => own,
        };
    }

    private async Task ReadAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var request = FaultWorld.Chat();
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[64];
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                _read.Write(buffer, 0, read);
                Interlocked.Add(ref _length, read);
            }
        }
#pragma warning disable CA1031 // whatever it is: it is what the test is about
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _fault = exception;
        }
    }
}
