namespace OpenRouter.Billing.Sandbox;

/// <summary>Something that goes wrong, or a hold, for requests that <see cref="SandboxFaults.Add"/> selects. Thread-safe.</summary>
/// <remarks>
/// A fault that is not billed strikes before the key is looked at, so it neither charges nor counts anything. A billed
/// one strikes after a completion was checked, produced and booked, and after any other request was carried out. Delays and gates hold a completion after it has
/// passed all checks and before its cost is booked.
/// </remarks>
public sealed class SandboxFault
{
    private readonly object _lock = new();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(int Count, TaskCompletionSource Reached)> _watchers = [];
    private int _hits;
    private int _held;

    private SandboxFault(FaultKind kind) => Kind = kind;

    /// <summary>Gets how many requests the fault has met.</summary>
    public int Hits => Volatile.Read(ref _hits);

    /// <summary>Gets how many requests are waiting at this gate.</summary>
    /// <value>Requests; always 0 for a fault that is no gate.</value>
    public int Held
    {
        get
        {
            lock (_lock)
            {
                return _held;
            }
        }
    }

    internal FaultKind Kind { get; }
    internal bool IsBilled { get; private init; }
    internal TimeSpan Time { get; private init; }
    internal int Status { get; private init; }
    internal string Text { get; private init; } = "";
    internal string ContentType { get; private init; } = "application/json";
    internal IReadOnlyDictionary<string, string> Headers { get; private init; } = new Dictionary<string, string>();
    internal int Chunks { get; private init; }

    /// <summary>Holds the answer, headers included, for a while.</summary>
    /// <param name="time">How long, by the sandbox's clock.</param>
    public static SandboxFault Delay(TimeSpan time) => new(FaultKind.Delay) { Time = time };

    /// <summary>Holds every event of a stream but the first for a while.</summary>
    /// <param name="time">How long, by the sandbox's clock.</param>
    public static SandboxFault ChunkDelay(TimeSpan time) => new(FaultKind.ChunkDelay) { Time = time };

    /// <summary>Holds requests until <see cref="Release"/>, so that a test can have many of them in flight at once.</summary>
    public static SandboxFault Gate() => new(FaultKind.Gate);

    /// <summary>Answers with this instead of the real answer: an error, HTML, garbage, a huge body.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The body.</param>
    /// <param name="contentType">The content type.</param>
    /// <param name="headers">Further headers; <see langword="null"/> (the default) for none.</param>
    /// <param name="billed">Whether a completion is booked before.</param>
    public static SandboxFault Answer(int status, string body, string contentType = "application/json", IReadOnlyDictionary<string, string>? headers = null, bool billed = false) =>
        new(FaultKind.Answer) { Status = status, Text = body, ContentType = contentType, Headers = headers ?? new Dictionary<string, string>(), IsBilled = billed };

    /// <summary>Answers 200 with keep-alive white space and a body that has an <c>error</c> and no <c>choices</c>, as slow failures do.</summary>
    /// <param name="code">The <c>code</c> of the error, a status such as 502.</param>
    /// <param name="message">The message of the error.</param>
    public static SandboxFault ErrorInBody(int code, string message) => new(FaultKind.ErrorInBody) { Status = code, Text = message };

    /// <summary>Closes the connection without an answer.</summary>
    /// <remarks><see cref="HttpClient"/> silently repeats a GET that meets this on a connection it has used before.</remarks>
    /// <param name="billed">Whether a completion is booked before.</param>
    public static SandboxFault Disconnect(bool billed = false) => new(FaultKind.Disconnect) { IsBilled = billed };

    /// <summary>Sends half of the answer and closes the connection. A completion is booked in full.</summary>
    public static SandboxFault Truncate() => new(FaultKind.Truncate) { IsBilled = true };

    /// <summary>Ends a stream with an error event whose finish reason is <c>error</c>. Nothing is booked. Answers that are not streamed stay as they are.</summary>
    /// <param name="code">The <c>code</c> of the error, a status such as 502.</param>
    /// <param name="message">The message of the error.</param>
    /// <param name="afterChunks">How many events with text come before it.</param>
    public static SandboxFault StreamError(int code, string message, int afterChunks = 1) =>
        new(FaultKind.StreamError) { Status = code, Text = message, Chunks = afterChunks };

    /// <summary>Never answers: ends when the client leaves or the sandbox stops.</summary>
    /// <param name="billed">Whether a completion is booked before.</param>
    public static SandboxFault Hang(bool billed = false) => new(FaultKind.Hang) { IsBilled = billed };

    /// <summary>Opens this gate for the requests it holds and for all later ones.</summary>
    public void Release() => _open.TrySetResult();

    /// <summary>Waits until this gate holds so many requests at once.</summary>
    /// <param name="count">Requests.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitUntilHeldAsync(int count, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_held >= count)
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _watchers.Add((count, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }

    internal void Hit() => Interlocked.Increment(ref _hits);

    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        if (_open.Task.IsCompleted)
        {
            return;
        }

        ChangeHeld(1);
        try
        {
            await _open.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ChangeHeld(-1);
        }
    }

    private void ChangeHeld(int by)
    {
        lock (_lock)
        {
            _held += by;
            foreach ((int _, TaskCompletionSource reached) in _watchers.Where(watcher => _held >= watcher.Count))
            {
                reached.TrySetResult();
            }

            _watchers.RemoveAll(watcher => watcher.Reached.Task.IsCompleted);
        }
    }
}
