using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>The life of an answer that goes through the guard, from its head to whatever ends it.</summary>
public sealed class BillingGuardHandlerTests
{
    private const string EventStream = "text/event-stream";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, long> Answers => new()
    {
        { Bodies.Chat, "application/json", Bodies.ChatCost },
        { Bodies.KeptAlive, "application/json; charset=utf-8", Bodies.KeptAliveCost },
        { Bodies.LongTail, "application/json", Bodies.LongTailCost },
        { Bodies.Byok, "application/json", 0 },
        { Bodies.Embeddings, "APPLICATION/JSON", Bodies.EmbeddingsCost },
        { Bodies.ErrorOnly, "application/json", 0 },
        { Bodies.ResponseFailed, "application/json", 0 },
        { Bodies.NoCost, "application/json", LeasingGuard.ClaimedNanoDollars },
        { "", "application/json", LeasingGuard.ClaimedNanoDollars },
        { "not json", "application/json", LeasingGuard.ClaimedNanoDollars },
        { Bodies.Chat[..^30], "application/json", LeasingGuard.ClaimedNanoDollars },
        { """{"usage":{"cost":-0.5}}""", "application/json", 0 },
        { """{"usage":{"cost":"0.5"}}""", "application/json", 500_000_000 },
        { """{"usage":{"cost":1e30}}""", "application/json", LeasingGuard.ClaimedNanoDollars },
        { """{"usage":{"cost":999999999999999999999999999}}""", "application/json", 9_223_372_036_000_000_000 },
        { """{"usage":{"cost":NaN}}""", "application/json", LeasingGuard.ClaimedNanoDollars },
        { """{"usage":{"cost":null},"error":{"code":502}}""", "application/json", LeasingGuard.ClaimedNanoDollars },
        { """{"error":null,"choices":[]}""", "application/json", LeasingGuard.ClaimedNanoDollars },
        { Bodies.ChatStream, EventStream, Bodies.ChatStreamCost },
        { Bodies.ChatStream, "Text/Event-Stream;charset=utf-8", Bodies.ChatStreamCost },
        { Bodies.ChatStream.ReplaceLineEndings("\r\n"), EventStream, Bodies.ChatStreamCost },
        { Bodies.ChatStream.Replace('\n', '\r'), EventStream, Bodies.ChatStreamCost },
        { Bodies.ErrorStream, EventStream, 0 },
        { Bodies.ErrorWithUsageStream, EventStream, Bodies.ErrorWithUsageCost },
        { Bodies.ResponsesStream, EventStream, Bodies.ResponsesStreamCost },
        { Bodies.MessagesStream, EventStream, Bodies.MessagesStreamCost },
        { Bodies.MessagesStreamWithoutCost, EventStream, LeasingGuard.ClaimedNanoDollars },
        { Bodies.Chat, "audio/mpeg", LeasingGuard.ClaimedNanoDollars },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task SendAsync_AnswerReadToItsEnd_IsSettledAtWhatItSays(string body, string contentType, long nanoDollars)
    {
        using var client = new GuardedClient(() => GuardedClient.Answer(body, contentType));

        using var response = await client.SendAsync(HttpCompletionOption.ResponseContentRead);

        Assert.Equal(body, await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal((nanoDollars, 0), client.Guard.Money);
        Assert.Equal((1, 0), client.Guard.Requests);
    }

    [Theory]
    [InlineData(400, false, 0)]
    [InlineData(401, false, 0)]
    [InlineData(402, true, 0)]
    [InlineData(403, true, 0)]
    [InlineData(404, false, 0)]
    [InlineData(408, false, LeasingGuard.ClaimedNanoDollars)]
    [InlineData(413, false, 0)]
    [InlineData(429, true, 0)]
    [InlineData(500, false, 0)]
    [InlineData(500, true, LeasingGuard.ClaimedNanoDollars)]
    [InlineData(502, false, 0)]
    [InlineData(502, true, LeasingGuard.ClaimedNanoDollars)]
    [InlineData(503, true, LeasingGuard.ClaimedNanoDollars)]
    [InlineData(504, false, LeasingGuard.ClaimedNanoDollars)]
    [InlineData(524, false, LeasingGuard.ClaimedNanoDollars)]
    [InlineData(529, false, 0)]
    [InlineData(307, false, 0)]
    public async Task SendAsync_StatusIsNoSuccess_IsSettledByTheStatusBeforeTheBodyIsRead(int status, bool searches, long nanoDollars)
    {
        using var client = new GuardedClient(() => GuardedClient.Answer("""{"error":{"code":1,"message":"no"}}""", status: (HttpStatusCode)status));
        using var request = GuardedClient.Chat(searches ? """{"model":"a/b","plugins":[{"id":"web"}]}""" : GuardedClient.PlainRequest);

        using var response = await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);

        Assert.Equal((nanoDollars, 0), client.Guard.Money);
        Assert.Equal((1, 0), client.Guard.Requests);
        Assert.Equal("""{"error":{"code":1,"message":"no"}}""", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData("""{"model":"a/b","plugins":[{"id":"web"}]}""")]
    [InlineData("""{"model":"a/b","tools":[{"type":"openrouter:web_search"}]}""")]
    [InlineData("""{"model":"a/b:free:online"}""")]
    [InlineData("""{"model":"a/b:free","models":["c/d:online"]}""")]
    [InlineData("unreadable")]
    public async Task SendAsync_ErrorOnlyAnswerAfterAPossibleSearch_IsSettledAtTheClaim(string body)
    {
        using var client = new GuardedClient(() => GuardedClient.Answer(Bodies.ErrorOnly));
        using var request = GuardedClient.Chat(body);

        (await client.Http.SendAsync(request, Cancellation)).Dispose();

        Assert.Equal((LeasingGuard.ClaimedNanoDollars, 0), client.Guard.Money);
    }

    // The transfer is complete as far as its length says, and the answer is not: what it cost would have come later.
    [Theory]
    [InlineData("""{"id":"x","error":{"code":502,"message":"Upstream"},"choices":[""")]
    [InlineData("""{"id":"x","error":{"code":502,"mess""")]
    [InlineData("""{"error":{"code":502,"message":"Upstream"}""")]
    public async Task SendAsync_ErrorOnlyAnswerEndsTooEarly_IsSettledAtTheClaim(string body)
    {
        using var client = new GuardedClient(() => GuardedClient.Answer(body));

        using var response = await client.SendAsync();

        Assert.Equal(body, await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal((LeasingGuard.ClaimedNanoDollars, 0), client.Guard.Money);
    }

    [Fact]
    public async Task SendAsync_HandlerThatIsNotTheFrameworksRunsOutOfTime_IsSettledAtTheClaim()
    {
        using var client = new GuardedClient((_, _) => throw new TaskCanceledException("slow", new TimeoutException()));

        await Assert.ThrowsAsync<TaskCanceledException>(() => client.SendAsync());

        Assert.Equal((LeasingGuard.ClaimedNanoDollars, 0), client.Guard.Money);
    }

    [Fact]
    public async Task SendAsync_WhileTheAnswerRuns_CountsTheRequestAndHoldsTheMoney()
    {
        using var client = new GuardedClient(() => GuardedClient.Answer(Bodies.ChatStream, EventStream));

        using var response = await client.SendAsync();

        Assert.Equal((1, 0), client.Guard.Requests);
        Assert.Equal((0, LeasingGuard.ClaimedNanoDollars), client.Guard.Money);
    }

    [Theory]
    [InlineData(":", false, LeasingGuard.ClaimedNanoDollars)]
    [InlineData("\"content\":\"Vi", false, LeasingGuard.ClaimedNanoDollars)]
    [InlineData("\"cost\":0.0000", false, LeasingGuard.ClaimedNanoDollars)]
    [InlineData("\"cost\":0.00006}", false, Bodies.ChatStreamCost)]
    [InlineData("[DONE]", false, Bodies.ChatStreamCost)]
    [InlineData("\"cost\":0.0000", true, LeasingGuard.ClaimedNanoDollars)]
    [InlineData("[DONE]", true, Bodies.ChatStreamCost)]
    public async Task Dispose_StreamAbandoned_IsSettledByWhatWasSeen(string readUntil, bool disposesStreamOnly, long nanoDollars)
    {
        var served = new ServedStream(Encoding.UTF8.GetBytes(Bodies.ChatStream), 16);
        using var client = new GuardedClient(() => GuardedClient.Answer(served, EventStream));
        var response = await client.SendAsync();
        var stream = await response.Content.ReadAsStreamAsync(Cancellation);
        await stream.ReadExactlyAsync(new byte[Bodies.ChatStream.IndexOf(readUntil, StringComparison.Ordinal) + readUntil.Length], Cancellation);

        if (disposesStreamOnly)
        {
            await stream.DisposeAsync();
        }
        else
        {
            response.Dispose();
        }

        Assert.Equal((nanoDollars, 0), client.Guard.Money);
        Assert.True(served.IsDisposed);
        response.Dispose();
        Assert.Equal((nanoDollars, 0), client.Guard.Money);
    }

    [Fact]
    public async Task Dispose_AnswerNeverRead_IsSettledAtTheClaimAndDisposesTheServersBody()
    {
        var served = new ServedStream(Encoding.UTF8.GetBytes(Bodies.Chat), 16);
        using var client = new GuardedClient(() => GuardedClient.Answer(served));
        var response = await client.SendAsync();

        response.Dispose();
        response.Dispose();

        Assert.Equal((LeasingGuard.ClaimedNanoDollars, 0), client.Guard.Money);
        Assert.True(served.IsDisposed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_ConnectionIsCut_SettlesAtTheClaimAtOnceAndTheFaultReachesTheCallerUnchanged(bool isSynchronous)
    {
        var cut = new IOException("The connection is gone.");
        using var client = new GuardedClient(() => GuardedClient.Answer(new ServedStream(Encoding.UTF8.GetBytes(Bodies.ChatStream[..80]), 7, cut), EventStream));
        using var response = await client.SendAsync();
        var stream = await response.Content.ReadAsStreamAsync(Cancellation);
        await stream.ReadExactlyAsync(new byte[80], Cancellation);

        var caught = isSynchronous
            ? Record.Exception(() => stream.ReadExactly(new byte[10]))
            : await Record.ExceptionAsync(async () => await stream.ReadExactlyAsync(new byte[10], Cancellation));

        Assert.Same(cut, caught);
        Assert.Equal((LeasingGuard.ClaimedNanoDollars, 0), client.Guard.Money);
    }

    [Fact]
    public async Task SendAsync_ConnectionIsCutWhileBuffering_FailsAsWithoutTheGuardAndSettlesAtTheClaim()
    {
        var cut = new HttpIOException(HttpRequestError.ResponseEnded, "cut");
        HttpResponseMessage Serve() => GuardedClient.Answer(new ServedStream(Encoding.UTF8.GetBytes(Bodies.Chat[..80]), 7, cut));
        using var client = new GuardedClient(Serve);
        using var plain = new HttpClient(new StubHandler().On("POST chat/completions", Serve));
        using var request = GuardedClient.Chat();

        var guarded = await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(HttpCompletionOption.ResponseContentRead));
        var unguarded = await Assert.ThrowsAsync<HttpRequestException>(() => plain.SendAsync(request, Cancellation));

        Assert.Equal((unguarded.Message, unguarded.HttpRequestError), (guarded.Message, guarded.HttpRequestError));
        Assert.Same(cut, guarded.InnerException);
        Assert.Equal((LeasingGuard.ClaimedNanoDollars, 0), client.Guard.Money);
    }

    [Fact]
    public async Task Read_CutAfterTheUsage_SettlesAtTheCost()
    {
        using var client = new GuardedClient(() => GuardedClient.Answer(new ServedStream(Encoding.UTF8.GetBytes(Bodies.ChatStream), 50, new IOException("cut")), EventStream));
        using var response = await client.SendAsync();

        await Assert.ThrowsAnyAsync<IOException>(async () => await (await response.Content.ReadAsStreamAsync(Cancellation)).CopyToAsync(Stream.Null, Cancellation));

        Assert.Equal((Bodies.ChatStreamCost, 0), client.Guard.Money);
    }

    [Fact]
    public async Task Read_CallerGivesOneReadUp_ReadsOnAndSettlesAtTheCost()
    {
        var pipe = new Pipe();
        using var client = new GuardedClient(() => GuardedClient.Answer(pipe.Reader.AsStream(), EventStream));
        using var response = await client.SendAsync();
        var stream = await response.Content.ReadAsStreamAsync(Cancellation);
        using (var giveUp = new CancellationTokenSource())
        {
            var read = stream.ReadAsync(new byte[10], giveUp.Token).AsTask();
            await giveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        }

        Assert.Equal((0, LeasingGuard.ClaimedNanoDollars), client.Guard.Money);
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(Bodies.ChatStream), Cancellation);
        await pipe.Writer.CompleteAsync();
        await stream.CopyToAsync(Stream.Null, Cancellation);

        Assert.Equal((Bodies.ChatStreamCost, 0), client.Guard.Money);
    }

    [Fact]
    public async Task Read_ServerSendsPieceByPiece_EachPieceIsThereBeforeTheNextIsSent()
    {
        var pipe = new Pipe();
        using var client = new GuardedClient(() => GuardedClient.Answer(pipe.Reader.AsStream(), EventStream));
        using var response = await client.SendAsync();
        var stream = await response.Content.ReadAsStreamAsync(Cancellation);
        var buffer = new byte[4096];
        var body = Encoding.UTF8.GetBytes(Bodies.ChatStream);
        for (var sent = 0; sent < body.Length; sent += 9)
        {
            var piece = body.AsMemory(sent, Math.Min(9, body.Length - sent));
            await pipe.Writer.WriteAsync(piece, Cancellation);

            // No more is sent until this read has come back, so a wrapper that waits for more would never come back.
            var read = await stream.ReadAsync(buffer, Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

            Assert.Equal(piece.ToArray(), buffer[..read]);
        }

        await pipe.Writer.CompleteAsync();
        Assert.Equal(0, await stream.ReadAsync(buffer, Cancellation));
        Assert.Equal((Bodies.ChatStreamCost, 0), client.Guard.Money);
    }

    [Fact]
    public async Task CopyToAsync_ServerSendsPieceByPiece_EachPieceIsWrittenBeforeTheNextIsSent()
    {
        var pipe = new Pipe();
        var copied = new Pipe();
        using var client = new GuardedClient(() => GuardedClient.Answer(pipe.Reader.AsStream(), EventStream));
        using var response = await client.SendAsync();
        var copying = response.Content.CopyToAsync(copied.Writer.AsStream(), Cancellation);
        foreach (var piece in Bodies.ChatStream.Chunk(100).Select(piece => Encoding.UTF8.GetBytes(piece)))
        {
            await pipe.Writer.WriteAsync(piece, Cancellation);
            var arrived = await copied.Reader.ReadAtLeastAsync(piece.Length, Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
            Assert.Equal(piece.Length, arrived.Buffer.Length);
            copied.Reader.AdvanceTo(arrived.Buffer.End);
        }

        await pipe.Writer.CompleteAsync();
        await copying;
        Assert.Equal((Bodies.ChatStreamCost, 0), client.Guard.Money);
    }

    [Fact]
    public async Task Read_IntoNoRoom_IsNotTheEnd()
    {
        using var client = new GuardedClient(() => GuardedClient.Answer(Bodies.Chat));
        using var response = await client.SendAsync();
        var stream = await response.Content.ReadAsStreamAsync(Cancellation);

        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty, Cancellation));
        Assert.Equal(0, stream.Read([]));

        Assert.Equal((0, LeasingGuard.ClaimedNanoDollars), client.Guard.Money);
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError)]
    [InlineData(HttpRequestError.ConnectionError)]
    [InlineData(HttpRequestError.SecureConnectionError)]
    [InlineData(HttpRequestError.ProxyTunnelError)]
    public async Task SendAsync_NeverConnected_GivesEverythingBackAndRethrows(HttpRequestError error)
    {
        var fault = new HttpRequestException(error, "no connection");
        using var client = new GuardedClient((_, _) => throw fault);

        Assert.Same(fault, await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync()));

        Assert.Equal((0, 0), client.Guard.Money);
        Assert.Equal((0, 0), client.Guard.Requests);
    }

    public static TheoryData<Exception> Faults =>
    [
        new HttpRequestException(HttpRequestError.ResponseEnded, "ended"),
        new HttpRequestException(HttpRequestError.HttpProtocolError, "protocol"),
        new HttpRequestException("unknown"),
        new IOException("broken"),
        new TimeoutException("late"),
        new TaskCanceledException("late", new TimeoutException()),
        new InvalidOperationException("something else"),
    ];

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task SendAsync_FailedOtherwise_BooksTheClaimAndRethrows(Exception fault)
    {
        using var client = new GuardedClient((_, _) => Task.FromException<HttpResponseMessage>(fault));
        using var invoker = new HttpMessageInvoker(new BillingGuardHandler(client.Guard, TestData.Options()) { InnerHandler = new StubHandler().On("POST chat/completions", (_, _) => throw fault) });
        using var request = GuardedClient.Chat();

        Assert.Same(fault, await Record.ExceptionAsync(() => invoker.SendAsync(request, Cancellation)));
        Assert.Same(fault, Record.Exception(() => invoker.Send(request, Cancellation)));

        Assert.Equal((2 * LeasingGuard.ClaimedNanoDollars, 0), client.Guard.Money);
        Assert.Equal((2, 0), client.Guard.Requests);
    }

    [Fact]
    public async Task SendAsync_CancelledWhileTheServerWorks_BooksTheClaim()
    {
        using var giveUp = new CancellationTokenSource();
        var arrived = new TaskCompletionSource();
        using var client = new GuardedClient(async (_, cancellationToken) =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("never");
        });
        var sending = client.SendAsync(cancellationToken: giveUp.Token);
        await arrived.Task;

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal((LeasingGuard.ClaimedNanoDollars, 0), client.Guard.Money);
    }

    [Fact]
    public async Task SendAsync_CancelledBefore_HoldsAndSendsNothing()
    {
        using var client = new GuardedClient(() => throw new InvalidOperationException("sent"));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SendAsync(cancellationToken: new CancellationToken(canceled: true)));

        Assert.Equal((0, 0), client.Guard.Money);
        Assert.Equal((0, 0), client.Guard.Requests);
    }

    [Fact]
    public async Task Settle_HoweverOftenTheAnswerEnds_HappensOnce()
    {
        var settled = 0;
        var guard = new LeasingGuard(books => new WatchedLedger(books, unit => settled += unit == LimitUnit.UsDollars ? 1 : 0));
        using var client = new GuardedClient(() => GuardedClient.Answer(Bodies.Chat), guard);
        var response = await client.SendAsync();
        var stream = await response.Content.ReadAsStreamAsync(Cancellation);
        await stream.CopyToAsync(Stream.Null, Cancellation);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], Cancellation));
        Assert.Equal(0, stream.Read(new byte[1]));
        await stream.DisposeAsync();
        await stream.DisposeAsync();
        response.Dispose();

        Assert.Equal(1, settled);
        Assert.Equal((Bodies.ChatCost, 0), guard.Money);
    }

    public static TheoryData<LedgerFault> LedgerFaults => [LedgerFault.ThrowsAtOnce, LedgerFault.Fails, LedgerFault.NeverAnswers];

    [Theory]
    [MemberData(nameof(LedgerFaults))]
    public async Task Settle_LedgerIsBroken_NeitherDisturbsNorDelaysTheCaller(LedgerFault fault)
    {
        var guard = new LeasingGuard(books => new FaultyLedger(books, fault));
        using var client = new GuardedClient(() => GuardedClient.Answer(Bodies.ChatStream, EventStream), guard);

        using var response = await client.SendAsync().WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        var body = await response.Content.ReadAsStringAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        Assert.Equal(Bodies.ChatStream, body);
    }

    [Theory]
    [MemberData(nameof(LedgerFaults))]
    public async Task Release_LedgerIsBroken_TheFaultOfTheConnectionReachesTheCaller(LedgerFault fault)
    {
        var refused = new HttpRequestException(HttpRequestError.ConnectionError, "refused");
        using var client = new GuardedClient((_, _) => throw refused, new LeasingGuard(books => new FaultyLedger(books, fault)));

        Assert.Same(refused, await Record.ExceptionAsync(() => client.SendAsync().WaitAsync(TimeSpan.FromSeconds(10), Cancellation)));
    }

    public static TheoryData<string?, string?> RawHeaders => new()
    {
        { "text/event-stream;charset=utf-8", null },
        { "Application/JSON ;  Charset=\"UTF-8\"", null },
        { "application/json", "identity" },
        { "application/json", "gzip,br" },
        { "this is no media type", null },
        { null, null },
    };

    [Theory]
    [MemberData(nameof(RawHeaders))]
    public async Task SendAsync_Headers_StayAsTheServerWroteThem(string? contentType, string? contentEncoding)
    {
        HttpResponseMessage Serve()
        {
            var response = GuardedClient.Answer(Bodies.Chat, contentType);
            response.ReasonPhrase = "All Right";
            response.Version = HttpVersion.Version20;
            response.Headers.TryAddWithoutValidation("x-generation-id", "gen-1");
            response.Headers.TryAddWithoutValidation("Retry-After", "not a number");
            response.Headers.TryAddWithoutValidation("Cache-Control", "no-cache,  private");
            response.Headers.TryAddWithoutValidation("Set-Cookie", ["a=1", "b=2"]);
            response.Content.Headers.TryAddWithoutValidation("Content-Disposition", "??");
            response.Content.Headers.TryAddWithoutValidation("Content-Language", ["de", "en"]);
            if (contentEncoding is not null)
            {
                response.Content.Headers.TryAddWithoutValidation("Content-Encoding", contentEncoding);
            }

            return response;
        }

        using var client = new GuardedClient(Serve);
        using var plain = new HttpClient(new StubHandler().On("POST chat/completions", Serve));
        using var request = GuardedClient.Chat();
        using var guarded = await client.SendAsync();
        using var unguarded = await plain.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);

        Assert.Equal(Written(unguarded), Written(guarded));
        Assert.Equal((unguarded.StatusCode, unguarded.ReasonPhrase, unguarded.Version), (guarded.StatusCode, guarded.ReasonPhrase, guarded.Version));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ContentLength_SentOrNot_IsTheSameAsWithoutTheGuard(bool isSent)
    {
        HttpResponseMessage Serve()
        {
            var response = GuardedClient.Answer(Bodies.Chat);
            if (isSent)
            {
                response.Content.Headers.ContentLength = Encoding.UTF8.GetByteCount(Bodies.Chat);
            }

            return response;
        }

        using var client = new GuardedClient(Serve);
        using var plain = new HttpClient(new StubHandler().On("POST chat/completions", Serve));
        foreach (var completion in new[] { HttpCompletionOption.ResponseHeadersRead, HttpCompletionOption.ResponseContentRead })
        {
            using var request = GuardedClient.Chat();
            using var guarded = await client.SendAsync(completion);
            using var unguarded = await plain.SendAsync(request, completion, Cancellation);

            Assert.Equal(unguarded.Content.Headers.ContentLength, guarded.Content.Headers.ContentLength);
            Assert.Equal(Written(unguarded), Written(guarded));
        }
    }

    [Fact]
    public async Task ContentLength_OfAContentInMemory_IsTheSameAsWithoutTheGuard()
    {
        using var client = new GuardedClient(() => StubHandler.Json(Bodies.Chat));

        using var response = await client.SendAsync();

        Assert.Equal(Encoding.UTF8.GetByteCount(Bodies.Chat), response.Content.Headers.ContentLength);
    }

    public static TheoryData<string, Func<HttpContent, Task<string>>> Readers => new()
    {
        { "string", content => content.ReadAsStringAsync(Cancellation) },
        { "bytes", async content => Encoding.UTF8.GetString(await content.ReadAsByteArrayAsync(Cancellation)) },
        { "copy", async content =>
            {
                var copy = new MemoryStream();
                await content.CopyToAsync(copy, Cancellation);
                return Encoding.UTF8.GetString(copy.ToArray());
            }
        },
        { "synchronous copy", content =>
            {
                var copy = new MemoryStream();
                content.CopyTo(copy, null, Cancellation);
                return Task.FromResult(Encoding.UTF8.GetString(copy.ToArray()));
            }
        },
        { "buffer, then twice", async content =>
            {
                await content.LoadIntoBufferAsync(Cancellation);
                Assert.Equal(Bodies.Chat, await content.ReadAsStringAsync(Cancellation));
                var copy = new MemoryStream();
                await content.CopyToAsync(copy, Cancellation);
                return Encoding.UTF8.GetString(copy.ToArray());
            }
        },
        { "JSON", async content => (await content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetRawText() },
        { "stream reader", async content =>
            {
                using var reader = new StreamReader(await content.ReadAsStreamAsync(Cancellation));
                return await reader.ReadToEndAsync(Cancellation);
            }
        },
        { "synchronous stream reader", content =>
            {
                using var reader = new StreamReader(content.ReadAsStream(Cancellation));
                return Task.FromResult(reader.ReadToEnd());
            }
        },
        { "byte by byte", content =>
            {
                var stream = content.ReadAsStream(Cancellation);
                var all = new MemoryStream();
                for (var one = stream.ReadByte(); one >= 0; one = stream.ReadByte())
                {
                    all.WriteByte((byte)one);
                }

                return Task.FromResult(Encoding.UTF8.GetString(all.ToArray()));
            }
        },
    };

    [Theory]
    [MemberData(nameof(Readers), DisableDiscoveryEnumeration = true)]
    public async Task Read_EveryWayToReadAContent_GivesTheBodyAndSettles(string way, Func<HttpContent, Task<string>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        using var client = new GuardedClient(() => GuardedClient.Answer(new ServedStream(Encoding.UTF8.GetBytes(Bodies.Chat), 10)));
        using var response = await client.SendAsync();

        Assert.True(await read(response.Content) == Bodies.Chat, way);

        Assert.Equal((Bodies.ChatCost, 0), client.Guard.Money);
    }

    [Fact]
    public async Task SendAsync_TwoGuardsInOneChain_CountOnce()
    {
        var guard = new LeasingGuard();
        var inner = new BillingGuardHandler(guard, TestData.Options()) { InnerHandler = new StubHandler().On("POST chat/completions", Bodies.Chat) };
        using var http = new HttpClient(new BillingGuardHandler(guard, TestData.Options()) { InnerHandler = inner });
        using var request = GuardedClient.Chat();

        (await http.SendAsync(request, Cancellation)).Dispose();

        Assert.Single(guard.Asked);
        Assert.Equal((Bodies.ChatCost, 0), guard.Money);
    }

    [Fact]
    public async Task SendAsync_SkipsTheGuard_PassesUnclaimedAndTwoGuardsSkipToo()
    {
        using var client = new GuardedClient(() => GuardedClient.Answer(Bodies.Chat));
        using var skipping = GuardedClient.Chat().SkipBillingGuard();
        using var changedItsMind = GuardedClient.Chat().SkipBillingGuard().SkipBillingGuard(skip: false);

        (await client.Http.SendAsync(skipping, Cancellation)).Dispose();
        Assert.Empty(client.Guard.Asked);

        (await client.Http.SendAsync(changedItsMind, Cancellation)).Dispose();
        Assert.Single(client.Guard.Asked);
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 1)]
    public async Task SendAsync_RetryHandler_AttemptsCountOneByOneInsideOfItAndAsOneOutside(bool guardIsInside, int asked)
    {
        var bodies = new List<string>();
        var server = new StubHandler().On("POST chat/completions", async (request, cancellationToken) =>
        {
            bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            return bodies.Count < 3 ? StubHandler.Json("{}", HttpStatusCode.ServiceUnavailable) : StubHandler.Json(Bodies.Chat);
        });
        var guard = new LeasingGuard();
        using var http = new HttpClient(guardIsInside
            ? new RetryHandler { InnerHandler = new BillingGuardHandler(guard, TestData.Options()) { InnerHandler = server } }
            : new BillingGuardHandler(guard, TestData.Options()) { InnerHandler = new RetryHandler { InnerHandler = server } });
        using var request = GuardedClient.Chat();
        // Read once and of unknown length: whoever reads it for the first time must leave it readable.
        request.Content = new StreamContent(new ServedStream(Encoding.UTF8.GetBytes(GuardedClient.PlainRequest), 5));

        (await http.SendAsync(request, Cancellation)).Dispose();

        Assert.Equal(Enumerable.Repeat(GuardedClient.PlainRequest, 3), bodies);
        Assert.Equal(asked, guard.Asked.Count);
        Assert.Equal((Bodies.ChatCost, 0), guard.Money);
        Assert.Equal((asked, 0), guard.Requests);
    }

    [Fact]
    public async Task SendAsync_ManyAnswersAtOnce_AreEachSettledAtTheirOwnCost()
    {
        var number = 0;
        using var client = new GuardedClient(() =>
        {
            var cost = Interlocked.Increment(ref number);
            return GuardedClient.Answer(new ServedStream(Encoding.UTF8.GetBytes($$$"""{"usage":{"cost":{{{(cost / 1_000_000m).ToString(CultureInfo.InvariantCulture)}}}}}"""), 3));
        });

        await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(async () => (await client.SendAsync(HttpCompletionOption.ResponseContentRead)).Dispose(), Cancellation)));

        Assert.Equal((500 * 501 / 2 * 1000, 0), client.Guard.Money);
        Assert.Equal((500, 0), client.Guard.Requests);
    }

    private static List<string> Written(HttpResponseMessage response) =>
        [.. response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).Select(header => $"{header.Key}: {string.Join(" | ", header.Value)}")];

    /// <summary>What can be wrong with a ledger.</summary>
    public enum LedgerFault
    {
        /// <summary>The call itself throws.</summary>
        ThrowsAtOnce,

        /// <summary>The task fails.</summary>
        Fails,

        /// <summary>The task never completes.</summary>
        NeverAnswers,
    }

    private sealed class FaultyLedger(IBillingLedger books, LedgerFault fault) : IBillingLedger
    {
        public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
            books.AcquireAsync(claims, leaseDuration, cancellationToken);

        public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) =>
            books.PeekAsync(claims, cancellationToken);

        public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) => Fail();

        public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => Fail();

        private ValueTask Fail() => fault switch
        {
            LedgerFault.ThrowsAtOnce => throw new InvalidOperationException("The ledger is broken."),
            LedgerFault.Fails => new ValueTask(Task.FromException(new InvalidOperationException("The ledger is broken."))),
            _ => new ValueTask(new TaskCompletionSource().Task),
        };
    }

    private sealed class WatchedLedger(IBillingLedger books, Action<LimitUnit> settling) : IBillingLedger
    {
        public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
            books.AcquireAsync(claims, leaseDuration, cancellationToken);

        public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) =>
            books.PeekAsync(claims, cancellationToken);

        public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default)
        {
            settling(unit);
            return books.SettleAsync(lease, unit, amount, cancellationToken);
        }

        public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => books.ReleaseAsync(lease, cancellationToken);
    }

    private sealed class RetryHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            while (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                response.Dispose();
                response = await base.SendAsync(request, cancellationToken);
            }

            return response;
        }
    }
}
