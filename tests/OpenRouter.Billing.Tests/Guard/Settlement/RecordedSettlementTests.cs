using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>Every recorded exchange goes through the guard as it was, and is booked at what it cost.</summary>
public sealed class RecordedSettlementTests
{
    private static readonly string[] FramingHeaders = ["Content-Encoding", "Content-Length", "Transfer-Encoding", "Connection", "Date"];

    public static TheoryData<HttpCompletionOption, bool> Ways => new()
    {
        { HttpCompletionOption.ResponseHeadersRead, false },
        { HttpCompletionOption.ResponseHeadersRead, true },
        { HttpCompletionOption.ResponseContentRead, false },
        { HttpCompletionOption.ResponseContentRead, true },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Send_EveryRecording_PassesUnchangedAndIsSettledAtItsCost(HttpCompletionOption completion, bool isSynchronous)
    {
        var recordings = Reference.Recordings().Select(recording => new Recording(recording)).ToList();
        var exchanges = 0;
        foreach (var recording in recordings)
        {
            foreach (var served in new[] { 1, 13, int.MaxValue })
            {
                foreach (var read in new[] { 1, 7, 4096, int.MaxValue })
                {
                    await CheckAsync(recording, completion, isSynchronous, served, read);
                    exchanges++;
                }
            }
        }

        var settled = recordings.Where(recording => recording.IsInference).ToList();
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{recordings.Count} recordings, {settled.Count} inference exchanges settled ({settled.Count(recording => recording.ExpectedNanoDollars > 0)} at more than 0), {recordings.Count - settled.Count} passed unclaimed; {exchanges} runs");
        Assert.NotEmpty(settled);
    }

    // Refusals are looked into before they are handed over, and arrive whole.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_EveryRecordingPieceByPiece_EachPieceIsThereBeforeTheNextIsSent(bool isSynchronous)
    {
        var recordings = Reference.Recordings().Select(recording => new Recording(recording)).Where(recording => !recording.IsLookedInto).ToList();
        var pieces = 0;
        foreach (var recording in recordings)
        {
            pieces += await ServeInPiecesAsync(recording, Events(recording.Body), isSynchronous);
            pieces += await ServeInPiecesAsync(recording, [.. recording.Body.Chunk(97)], isSynchronous);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{recordings.Count} recordings, {pieces} pieces");
        Assert.True(recordings.Count > 20 && pieces > 1_000);
    }

    private static async Task<int> ServeInPiecesAsync(Recording recording, List<byte[]> pieces, bool isSynchronous)
    {
        var pipe = new Pipe();
        using var client = new GuardedClient((_, _) => Task.FromResult(recording.Answer(pipe.Reader.AsStream())));
        using var request = recording.Request();
        using var response = isSynchronous
            ? client.Http.Send(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken)
            : await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var body = isSynchronous
            ? response.Content.ReadAsStream(TestContext.Current.CancellationToken)
            : await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[1024 * 1024];
        foreach (var piece in pieces)
        {
            await pipe.Writer.WriteAsync(piece, TestContext.Current.CancellationToken);

            // No more is sent until this read has come back, so a wrapper that waits for more would never come back.
            var reading = isSynchronous ? Task.Run(() => body.Read(buffer)) : body.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask();
            var read = await reading.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

            Assert.True(buffer.AsSpan(0, read).SequenceEqual(piece), $"{recording.Name}: {read} bytes of {piece.Length} came.");
        }

        await pipe.Writer.CompleteAsync();
        Assert.Equal(0, isSynchronous ? body.Read(buffer) : await body.ReadAsync(buffer, TestContext.Current.CancellationToken));
        Assert.True(client.Guard.Money == (recording.ExpectedNanoDollars, 0), $"{recording.Name}: {client.Guard.Money}, expected {recording.ExpectedNanoDollars}");
        return pieces.Count;
    }

    // As a server flushes them: with the empty line at the end of each.
    private static List<byte[]> Events(byte[] body)
    {
        var events = new List<byte[]>();
        var rest = body.AsSpan();
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf("\n\n"u8) is >= 0 and var found ? found + 2 : rest.Length;
            events.Add(rest[..end].ToArray());
            rest = rest[end..];
        }

        return events;
    }

    private static async Task CheckAsync(Recording recording, HttpCompletionOption completion, bool isSynchronous, int served, int read)
    {
        byte[]? requestSent = null;
        using var client = new GuardedClient(async (request, cancellationToken) =>
        {
            requestSent = request.Content is null ? null : await request.Content.ReadAsByteArrayAsync(cancellationToken);
            return recording.Answer(served);
        });
        using var request = recording.Request();
        var sentHeaders = request.Headers.NonValidated.ToString();
        using var response = isSynchronous
            ? client.Http.Send(request, completion, TestContext.Current.CancellationToken)
            : await client.Http.SendAsync(request, completion, TestContext.Current.CancellationToken);

        using var unguarded = recording.Answer(served);
        Assert.Equal(Raw(unguarded), Raw(response));
        Assert.Equal(unguarded.StatusCode, response.StatusCode);
        Assert.Equal(recording.Body, await ReadAsync(response, isSynchronous, read));
        Assert.Equal(recording.RequestBody, requestSent);
        Assert.Equal(sentHeaders, request.Headers.NonValidated.ToString());
        Assert.True(
            client.Guard.Money == (recording.IsInference ? recording.ExpectedNanoDollars : 0, 0),
            $"{recording.Name}: {client.Guard.Money}, expected {recording.ExpectedNanoDollars}");
        Assert.Equal((recording.IsInference ? 1 : 0, 0), client.Guard.Requests);
        Assert.Equal(recording.IsInference ? 1 : 0, client.Guard.Asked.Count);
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, bool isSynchronous, int piece)
    {
        var all = new MemoryStream();
        var buffer = new byte[Math.Min(piece, 1024 * 1024)];
        var body = isSynchronous
            ? response.Content.ReadAsStream(TestContext.Current.CancellationToken)
            : await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        int read;
        while ((read = isSynchronous ? body.Read(buffer) : await body.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0)
        {
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }

    private static List<string> Raw(HttpResponseMessage response) =>
        [.. response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).Select(header => $"{header.Key}: {string.Join(" | ", header.Value)}")];

    private sealed class Recording
    {
        private readonly JsonNode _request;
        private readonly JsonNode _response;

        public Recording(JsonNode recording)
        {
            _request = recording["request"]!;
            _response = recording["response"]!;
            Name = recording["name"]!.GetValue<string>();
            Body = Encoding.UTF8.GetBytes(_response["body"]!.GetValue<string>());
            Method = new HttpMethod(_request["method"]!.GetValue<string>());
            Path = _request["path"]!.GetValue<string>();
            IsInference = Method == HttpMethod.Post && Path is "/api/v1/chat/completions" or "/api/v1/responses";
            RequestBody = Method == HttpMethod.Get ? null : Encoding.UTF8.GetBytes(_request["body"]?.GetValue<string>() ?? GuardedClient.PlainRequest);
            ExpectedNanoDollars = IsInference ? Expect() : 0;
        }

        public string Name { get; }

        public byte[] Body { get; }

        public byte[]? RequestBody { get; }

        public bool IsInference { get; }

        public long ExpectedNanoDollars { get; }

        public bool IsLookedInto => IsInference && ServerAnswer.MayBeBilling((HttpStatusCode)Status);

        private HttpMethod Method { get; }

        private string Path { get; }

        private int Status => _response["status"]!.GetValue<int>();

        private bool IsEventStream => Header("content-type").StartsWith("text/event-stream", StringComparison.Ordinal);

        public HttpRequestMessage Request()
        {
            var query = _request["query"]?.GetValue<string>() is { } text ? $"?{text}" : string.Empty;
            var request = new HttpRequestMessage(Method, $"https://openrouter.ai{Path}{query}");
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {TestData.ApiKey}");
            if (RequestBody is not null)
            {
                request.Content = new ByteArrayContent(RequestBody);
                request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            }

            return request;
        }

        public HttpResponseMessage Answer(int piece) => Answer(new ServedStream(Body, piece));

        public HttpResponseMessage Answer(Stream body)
        {
            var response = new HttpResponseMessage((HttpStatusCode)Status) { Content = new StreamContent(body) };
            foreach (var (name, value) in _response["headers"]!.AsObject())
            {
                if (!FramingHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) && !response.Headers.TryAddWithoutValidation(name, value!.ToString()))
                {
                    response.Content.Headers.TryAddWithoutValidation(name, value.ToString());
                }
            }

            return response;
        }

        private long Expect()
        {
            if (Status >= 400)
            {
                return Status is 408 or 504 or 524 ? LeasingGuard.ClaimedNanoDollars : 0;
            }

            var text = Encoding.UTF8.GetString(Body);
            var reading = IsEventStream ? PlainReading.OfEvents(text) : PlainReading.OfJson(text);
            return reading.Cost is { } cost ? (long)decimal.Ceiling(cost * 1_000_000_000m)
                : reading is { HasError: true, HasUsage: false } ? 0
                : LeasingGuard.ClaimedNanoDollars;
        }

        private string Header(string name) =>
            _response["headers"]!.AsObject().FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value?.ToString() ?? string.Empty;
    }
}
