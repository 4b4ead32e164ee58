using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace OpenRouter.Billing.Sandbox;

/// <summary>One request and the ways to answer it.</summary>
internal sealed class Exchange(HttpContext context, SandboxRequest request, FaultPlan faults, TimeProvider timeProvider, CancellationToken stopping) : IDisposable
{
    private readonly CancellationTokenSource _ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);

#pragma warning disable CA2213 // EndStreamAsync disposes it, which writes its end; one that is cut off must not get an end
    private Stream? _compressing;
#pragma warning restore CA2213

    private SandboxFault? _instead;

    public SandboxRequest Request => request;

    public FaultPlan Faults => faults;

    /// <summary>Cancelled when the client is gone or the sandbox stops.</summary>
    public CancellationToken Ended => _ended.Token;

    public string? Secret => SecretIn(context);

    public DateTimeOffset Now => timeProvider.GetUtcNow();

    public static string? SecretIn(HttpContext context)
    {
        string header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && header.Length > "Bearer ".Length
            ? header["Bearer ".Length..].Trim()
            : null;
    }

    public string? QueryValue(string name) => context.Request.Query[name] is [var value, ..] ? value : null;

    /// <summary>Reads a whole number of the query; what is not there leaves the value as it is.</summary>
    /// <returns>False when it is no number, or out of its range.</returns>
    public bool TryQueryNumber(string name, int least, int most, ref int value) =>
        QueryValue(name) is not { } text || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most);

    public string HeaderValue(string name) => context.Request.Headers[name].ToString();

    public void SetHeader(string name, string value) => context.Response.Headers[name] = value;

    public void StartStream(bool mayCompress)
    {
        context.Response.ContentType = "text/event-stream";
        SetHeader("Cache-Control", "no-cache");
        if (mayCompress && ChooseCoding() is { } coding)
        {
            _compressing = ContentCoding.Over(context.Response.Body, coding);
        }
    }

    /// <summary>Ends a stream; without it a compressed one is cut off.</summary>
    public async Task EndStreamAsync()
    {
        if (_compressing is not null)
        {
            await _compressing.DisposeAsync().ConfigureAwait(false);
        }
    }

    public Task HoldAsync() => faults.HoldAsync(timeProvider, Ended);

    public Task WaitAsync(TimeSpan time) => Task.Delay(time, timeProvider, Ended);

    public Task RefuseAsync(Refusal refusal, ReadOnlyMemory<byte>? body = null)
    {
        if (refusal is { SendsHeaders: true, Headers: { } headers })
        {
            foreach ((string name, string value) in headers)
            {
                SetHeader(name, value);
            }
        }

        return AnswerAsync(refusal.Status, body ?? ErrorBody.Of(refusal));
    }

    /// <summary>Lets the request do its work, and the fault take the place of its answer.</summary>
    public void FailInstead(SandboxFault fault) => _instead = fault;

    public async Task AnswerAsync(int status, ReadOnlyMemory<byte> body, string contentType = "application/json")
    {
        if (_instead is { } fault)
        {
            _instead = null;
            await FailAsync(fault).ConfigureAwait(false);
            return;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        if (ChooseCoding() is { } coding)
        {
            body = ContentCoding.Compress(body, coding);
        }

        if (faults.Truncates)
        {
            await WriteAsync(body[..(body.Length / 2)]).ConfigureAwait(false);
            throw new ConnectionCutException();
        }

        await WriteAsync(body).ConfigureAwait(false);
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_compressing is not null)
        {
            await _compressing.WriteAsync(bytes, Ended).ConfigureAwait(false);
            await _compressing.FlushAsync(Ended).ConfigureAwait(false);
        }
        else
        {
            await context.Response.Body.WriteAsync(bytes, Ended).ConfigureAwait(false);
        }

        await context.Response.Body.FlushAsync(Ended).ConfigureAwait(false);
    }

    /// <summary>Plays a fault that stands in for the answer.</summary>
    public async Task FailAsync(SandboxFault fault)
    {
        switch (fault.Kind)
        {
            case FaultKind.Disconnect:
                context.Abort();
                break;
            case FaultKind.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, Ended).ConfigureAwait(false);
                break;
            case FaultKind.ErrorInBody:
                await AnswerAsync(200, KeepAlive.Before(2, ErrorInBody(fault))).ConfigureAwait(false);
                break;
            default:
                foreach ((string name, string value) in fault.Headers)
                {
                    SetHeader(name, value);
                }

                await AnswerAsync(fault.Status, Encoding.UTF8.GetBytes(fault.Text), fault.ContentType).ConfigureAwait(false);
                break;
        }
    }

    public void Dispose() => _ended.Dispose();

    private string? ChooseCoding()
    {
        string? coding = ContentCoding.Choose(HeaderValue("Accept-Encoding"));
        if (coding is not null)
        {
            SetHeader("Content-Encoding", coding);
            SetHeader("Vary", "Accept-Encoding");
        }

        return coding;
    }

    private ReadOnlyMemory<byte> ErrorInBody(SandboxFault fault) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", GenerationId.New(Now));
        json.WriteStartObject("error");
        json.WriteString("message", fault.Text);
        json.WriteNumber("code", fault.Status);
        json.WriteStartObject("metadata");
        json.WriteString("error_type", fault.Status == 503 ? "provider_overloaded" : "provider_unavailable");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });
}
