using System.IO.Compression;
using System.Net;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Settlement;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>What becomes of an answer by which OpenRouter itself refuses.</summary>
public sealed class ServerRefusalTests
{
    private static readonly int[] Statuses = [401, 402, 403, 429];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> BillingRefusals() => Cases(isBilling: true);

    public static TheoryData<string, bool> OtherFailures() => Cases(isBilling: false);

    [Theory]
    [MemberData(nameof(BillingRefusals))]
    public async Task SendAsync_OpenRouterRefusesForMoneyOrKey_ThrowsAsForALocalRefusal(string name, bool synchronous)
    {
        using var world = new GuardedStub();
        var expected = GuardedStub.Case(name);
        world.AnswerWith(name);

        var refusal = await Assert.ThrowsAnyAsync<BillingGuardException>(() => SendAsync(world, synchronous));

        Assert.Equal(ExceptionFor(expected), refusal.GetType());
        Assert.Equal(expected.Cause, refusal.Verdict.Cause);
        Assert.Equal(BillingVerdictOrigin.Answered, refusal.Verdict.Origin);
        Assert.Equal(GuardedStub.PaidModel, refusal.Model);
        Assert.StartsWith("OpenRouter refused the request. ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing was sent", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("unknown", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(expected.Status, (int)refusal.Response!.StatusCode);
        using var stream = await refusal.Response.Content.ReadAsStreamAsync(Cancellation);
        using var reader = new StreamReader(stream);
        Assert.Equal(expected.Body, await reader.ReadToEndAsync(Cancellation));
        Assert.Equal(expected.Body, await refusal.Response.Content.ReadAsStringAsync(Cancellation));
        Assert.Null(refusal.Response.RequestMessage);
        AssertTellsNoSecret(world, refusal);
        Assert.Equal(0, await HeldOrUsedAsync(world));
    }

    [Theory]
    [MemberData(nameof(OtherFailures))]
    public async Task SendAsync_OpenRouterFailsForAnotherReason_ReturnsTheAnswerAsItCame(string name, bool synchronous)
    {
        using var world = new GuardedStub();
        world.AnswerWith(name);

        using var response = await SendAsync(world, synchronous);

        Assert.Equal(GuardedStub.Case(name).Status, (int)response.StatusCode);
        Assert.Equal(GuardedStub.Case(name).Body, await response.Content.ReadAsStringAsync(Cancellation));
        world.Answer = GuardedStub.Success;
        await world.PassesAsync();
    }

    [Theory]
    [MemberData(nameof(BillingRefusals))]
    public async Task SendAsync_OptionOff_ReturnsTheSameBytesAndLearnsAllTheSame(string name, bool synchronous)
    {
        using var world = new GuardedStub(options => options.Guard.ThrowOnServerRefusal = false);
        world.AnswerWith(name);
        using var original = GuardedStub.Refusal(GuardedStub.Case(name));

        using var response = await SendAsync(world, synchronous);

        Assert.Equal(original.Headers.NonValidated, response.Headers.NonValidated);
        Assert.Equal(original.Content.Headers.ToString(), response.Content.Headers.ToString());
        Assert.Equal(await original.Content.ReadAsByteArrayAsync(Cancellation), await response.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Contains(world.Log.Entries, entry => entry.Event == "RequestRefusedByServer");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task SendAsync_CompressedRefusal_IsReadAndStaysCompressed(string encoding)
    {
        using var world = new GuardedStub();
        var bytes = Compress(GuardedStub.Case("no credits").Body, encoding);
        world.Answer = () => Bytes(bytes, HttpStatusCode.PaymentRequired, encoding);

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.ChatAsync());

        Assert.Equal(bytes, await refusal.Response!.Content.ReadAsByteArrayAsync(Cancellation));
    }

    // A client that decompresses by itself, and the body is cut: what its stream throws then is no fault of the connection.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendAsync_RefusalBreaksInAnotherWay_IsJudgedByItsStatusAndBreaksForItsReader(bool synchronous)
    {
        using var world = new GuardedStub();
        foreach (var fault in new Exception[] { new InvalidDataException("cut"), new NotSupportedException("odd"), new TaskCanceledException("reset") })
        {
            world.Answer = () => new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Content = new StreamContent(new ServedStream("{\"err"u8.ToArray(), 3, fault)) };

            using var response = await SendAsync(world, synchronous);

            Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
            var body = await response.Content.ReadAsStreamAsync(Cancellation);
            var read = new byte[5];
            await body.ReadExactlyAsync(read, Cancellation);
            Assert.Equal("{\"err"u8.ToArray(), read);
            Assert.Same(fault, await Assert.ThrowsAsync(fault.GetType(), () => body.ReadAsync(read, Cancellation).AsTask()));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendAsync_RefusalLongerThan64KiB_IsJudgedByItsStatusAndPassedWhole(bool synchronous)
    {
        using var world = new GuardedStub();
        var body = GuardedStub.Case("no credits").Body + new string(' ', 200_000);
        world.Answer = () => StubHandler.Json(body, HttpStatusCode.PaymentRequired);

        using var response = await SendAsync(world, synchronous);
        Assert.Equal(body, await response.Content.ReadAsStringAsync(Cancellation));

        world.Answer = () => StubHandler.Json(body, HttpStatusCode.Unauthorized);
        var refusal = await Assert.ThrowsAsync<KeyNotAcceptedException>(() => SendAsync(world, synchronous));
        Assert.Equal(body, await refusal.Response!.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendAsync_RefusalIsCutOff_FailsForItsReaderAsWithoutTheGuard(bool synchronous)
    {
        using var world = new GuardedStub();
        world.Answer = () => new HttpResponseMessage(HttpStatusCode.PaymentRequired) { Content = new StreamContent(new CutStream("{\"error\":{\"mess"u8.ToArray())) };

        using var response = await SendAsync(world, synchronous);
        using var stream = await response.Content.ReadAsStreamAsync(Cancellation);
        var buffer = new byte[100];

        Assert.Equal(15, await stream.ReadAtLeastAsync(buffer, 15, cancellationToken: Cancellation));
        Assert.Equal("The test cut the line.", (await Assert.ThrowsAsync<IOException>(() => stream.ReadExactlyAsync(buffer, Cancellation).AsTask())).Message);
    }

    [Fact]
    public async Task SendAsync_RefusalNeverEnds_EndsWithTheCallersPatience()
    {
        using var world = new GuardedStub();
        using var impatience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        world.Answer = () => new HttpResponseMessage(HttpStatusCode.PaymentRequired) { Content = new StreamContent(new EndlessStream(impatience.Cancel)) };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Http.SendAsync(GuardedStub.Request(), impatience.Token));
    }

    [Fact]
    public async Task SendAsync_DefaultCompletion_ThrowsTheSame()
    {
        using var world = new GuardedStub();
        world.AnswerWith("free day, header");

        var refusal = await Assert.ThrowsAsync<FreeModelQuotaExceededException>(() => world.Http.SendAsync(GuardedStub.Request(GuardedStub.FreeModel), Cancellation));

        Assert.Equal(new DateTimeOffset(2026, 4, 23, 0, 0, 0, TimeSpan.Zero), refusal.OpensAt);
        Assert.Equal(TimeSpan.FromHours(13.5), refusal.RetryAfter);
    }

    [Fact]
    public async Task SendAsync_RequestTooDear_SaysHowManyTokensAreAffordable()
    {
        using var world = new GuardedStub();

        var refusal = await world.IsRefusedThereAsync<InsufficientCreditsException>("too dear for the account");

        Assert.Equal((900L, 77L), (refusal.Verdict.RequestedTokens, refusal.Verdict.AffordableTokens));
        Assert.Equal(
            "OpenRouter refused the request. The balance does not cover this request: it asks for up to 900 output tokens, and affords 77 (model some/model). Lower the output cap to at most 77 tokens, or add credits.",
            refusal.Message);
    }

    [Fact]
    public async Task SendAsync_FreeRequestRefused_CountsAgainstTheQuotaAllTheSame()
    {
        using var world = new GuardedStub();
        await world.IsRefusedThereAsync<FreeModelQuotaExceededException>("free minute", GuardedStub.FreeModel);

        await world.AdvanceAsync(TimeSpan.FromSeconds(42));
        var decision = await world.Guard.EvaluateAsync(new BillableRequest { Model = GuardedStub.FreeModel }, Cancellation);

        Assert.Equal(1, decision.Limits.Single(limit => limit.Cause == BillingCause.FreeRequestsPerMinute).Used);
    }

    [Fact]
    public void Exception_BuiltByAnApp_CarriesItsAnswer()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.PaymentRequired);
        var verdict = new BillingVerdict { Cause = BillingCause.AccountCredits, CheckedAt = FailureCases.Now, Remedy = "Pay.", Origin = BillingVerdictOrigin.Answered };

        Assert.Same(response, new InsufficientCreditsException(verdict) { Response = response }.Response);
    }

    private static TheoryData<string, bool> Cases(bool isBilling)
    {
        var data = new TheoryData<string, bool>();
        foreach (var failure in FailureCases.All.Where(failure => failure.Status >= 400 && (Statuses.Contains(failure.Status) && Refusals.IsBilling(failure.Cause)) == isBilling))
        {
            data.Add(failure.Name, false);
            data.Add(failure.Name, true);
        }

        return data;
    }

    private static Type ExceptionFor(FailureCase failure) => failure.Cause switch
    {
        BillingCause.KeyLimit => typeof(KeyLimitExceededException),
        // The source of this one is the key's cap.
        BillingCause.MinimumBalance => typeof(KeyLimitExceededException),
        BillingCause.InFlightBudget => typeof(InFlightBudgetExceededException),
        BillingCause.GuardrailBudget or BillingCause.MemberBudget or BillingCause.WorkspaceBudget => typeof(BudgetExceededException),
        BillingCause.FreeRequestsPerDay or BillingCause.FreeRequestsPerMinute => typeof(FreeModelQuotaExceededException),
        BillingCause.Authentication or BillingCause.Permission => typeof(KeyNotAcceptedException),
        _ => typeof(InsufficientCreditsException),
    };

    private static Task<HttpResponseMessage> SendAsync(GuardedStub world, bool synchronous) =>
        synchronous
            ? Task.Run(() => world.Http.Send(GuardedStub.Request(), HttpCompletionOption.ResponseHeadersRead, Cancellation), Cancellation)
            : world.ChatAsync();

    private static async Task<long> HeldOrUsedAsync(GuardedStub world)
    {
        var claim = LimitClaim.InUsDollars("account/balance", BillingCause.AccountCredits, 0, 0, DateTimeOffset.MinValue);
        var usage = (await world.Ledger.PeekAsync([claim], Cancellation))[0];
        return usage.Settled + usage.Leased;
    }

    private static void AssertTellsNoSecret(GuardedStub world, BillingGuardException refusal)
    {
        var told = refusal + refusal.Verdict.ToString() + refusal.Response + string.Join('\n', world.Log.Entries);
        Assert.DoesNotContain(TestData.ApiKey, told, StringComparison.Ordinal);
        Assert.DoesNotContain(TestData.ManagementKey, told, StringComparison.Ordinal);
        Assert.DoesNotContain(GuardedStub.Prompt, told, StringComparison.Ordinal);
        Assert.DoesNotContain("user_1", told, StringComparison.Ordinal);
    }

    private static HttpResponseMessage Bytes(byte[] bytes, HttpStatusCode status, string encoding)
    {
        var response = new HttpResponseMessage(status) { Content = new ByteArrayContent(bytes) };
        response.Content.Headers.ContentEncoding.Add(encoding);
        return response;
    }

    private static byte[] Compress(string text, string encoding)
    {
        using var target = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(target, CompressionLevel.Fastest),
            "br" => new BrotliStream(target, CompressionLevel.Fastest),
            _ => new ZLibStream(target, CompressionLevel.Fastest),
        })
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        return target.ToArray();
    }

    private sealed class CutStream(byte[] bytes) : MemoryStream(bytes)
    {
        private bool _isCut;

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = base.Read(buffer, offset, count);
            if (read > 0 || _isCut)
            {
                return read;
            }

            // Only once: afterwards a dead connection looks like the end of the body.
            _isCut = true;
            throw new IOException("The test cut the line.");
        }
    }

    private sealed class EndlessStream(Action onRead) : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            onRead();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return 0;
        }
    }
}
