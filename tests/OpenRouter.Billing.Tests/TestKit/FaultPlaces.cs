using System.Net;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>Everything that can become of one call on its way to a server and back.</summary>
public enum WayFault
{
    /// <summary>No connection came about.</summary>
    Unconnected,

    /// <summary>The connection is cut before the server has acted.</summary>
    CutBefore,

    /// <summary>The connection is cut after the server has acted.</summary>
    CutAfter,

    /// <summary>Refused, and nothing done.</summary>
    Refused,

    /// <summary>Refused by something between, after the server has acted.</summary>
    RefusedAfter,

    /// <summary>Too many requests, and nothing done.</summary>
    Throttled,

    /// <summary>The server breaks down before it has acted.</summary>
    BrokenBefore,

    /// <summary>The server breaks down after it has acted.</summary>
    BrokenAfter,

    /// <summary>An error in a 200, and nothing done.</summary>
    ErrorIn200,

    /// <summary>The server has acted and half of the answer arrives.</summary>
    HalfAnswer,

    /// <summary>The server has acted and a web page arrives.</summary>
    WebPage,

    /// <summary>So slow that the call is given up, and never done.</summary>
    SlowNever,

    /// <summary>So slow that the call is given up, although the server has acted.</summary>
    SlowAfter,

    /// <summary>So slow that the server acts just after the call is given up.</summary>
    SlowSoonAfter,

    /// <summary>So slow that the server acts after everything else is over.</summary>
    SlowMuchLater,

    /// <summary>The caller gives up before the call is sent.</summary>
    CancelledBefore,

    /// <summary>The caller gives up while the answer arrives.</summary>
    CancelledAfter,
}

/// <summary>Sends calls to a server and lets chosen faults strike them by their number; what is to come late comes with <see cref="CatchUpAsync"/>.</summary>
public sealed class FaultPlaces(ManualTimeProvider clock, TimeSpan attemptTimeout, Func<Task> afterEach) : DelegatingHandler(new SocketsHttpHandler())
{
    private readonly List<Func<Task>> _late = [];
    private readonly List<string> _calls = [];
    private CancellationTokenSource _caller = new();
    private IReadOnlyDictionary<int, WayFault> _faults = new Dictionary<int, WayFault>();

    /// <summary>The routes of the calls since <see cref="Begin"/>.</summary>
    public IReadOnlyList<string> Calls => _calls;

    /// <summary>Begins anew with the faults that strike the calls of these numbers; gives what the caller cancels by.</summary>
    public CancellationToken Begin(IReadOnlyDictionary<int, WayFault> faults)
    {
        _caller.Dispose();
        _caller = new CancellationTokenSource();
        _faults = faults;
        _calls.Clear();
        _late.Clear();
        return _caller.Token;
    }

    public async Task CatchUpAsync()
    {
        foreach (var act in _late)
        {
            await act();
        }

        _late.Clear();
        await afterEach();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var place = Calls.Count;
        _calls.Add($"{request.Method} {request.RequestUri!.AbsolutePath.Replace("/api/v1", string.Empty, StringComparison.Ordinal)}");
        try
        {
            return _faults.TryGetValue(place, out var fault) ? await StrikeAsync(fault, request, cancellationToken) : await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            await afterEach();
        }
    }

    private async Task<HttpResponseMessage> StrikeAsync(WayFault fault, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        switch (fault)
        {
            case WayFault.Unconnected:
                throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
            case WayFault.CutBefore:
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "cut");
            case WayFault.CutAfter:
                await ActAsync(request);
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "cut");
            case WayFault.Refused:
                return Error(HttpStatusCode.BadRequest);
            case WayFault.RefusedAfter:
                await ActAsync(request);
                return Error(HttpStatusCode.Conflict);
            case WayFault.Throttled:
                return Error(HttpStatusCode.TooManyRequests);
            case WayFault.BrokenBefore:
                return Error(HttpStatusCode.BadGateway);
            case WayFault.BrokenAfter:
                await ActAsync(request);
                return Error(HttpStatusCode.GatewayTimeout);
            case WayFault.ErrorIn200:
                return StubHandler.Json("""{"error":{"code":502,"message":"as told"}}""");
            case WayFault.HalfAnswer:
                await ActAsync(request);
                return StubHandler.Json("""{"data":{"id":"1""");
            case WayFault.WebPage:
                await ActAsync(request);
                return StubHandler.Json("<html>");
            case WayFault.CancelledBefore:
                await _caller.CancelAsync();
                return await base.SendAsync(request, cancellationToken);
            case WayFault.CancelledAfter:
                var answer = await base.SendAsync(request, cancellationToken);
                await _caller.CancelAsync();
                return answer;
            default:
                return await HangAsync(fault, request, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage> HangAsync(WayFault fault, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (fault == WayFault.SlowAfter)
        {
            await ActAsync(request);
        }
        else if (fault == WayFault.SlowMuchLater)
        {
            var copy = await CopyAsync(request);
            _late.Add(() => ActAsync(copy));
        }

        var hanging = Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        clock.Advance(attemptTimeout);
        await hanging.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (fault == WayFault.SlowSoonAfter)
        {
            await ActAsync(request);
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw new InvalidOperationException("A call that hangs is not given up.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _caller.Dispose();
        }

        base.Dispose(disposing);
    }

    // What the server does does not end because the caller has gone.
    private async Task ActAsync(HttpRequestMessage request) => (await base.SendAsync(request, CancellationToken.None)).Dispose();

    private static async Task<HttpRequestMessage> CopyAsync(HttpRequestMessage request)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri);
        copy.Headers.Authorization = request.Headers.Authorization;
        if (request.Content is { } content)
        {
            copy.Content = new ByteArrayContent(await content.ReadAsByteArrayAsync());
            copy.Content.Headers.ContentType = content.Headers.ContentType;
        }

        return copy;
    }

    private static HttpResponseMessage Error(HttpStatusCode status) => StubHandler.Json($$$"""{"error":{"code":{{{(int)status}}},"message":"as told"}}""", status);
}
