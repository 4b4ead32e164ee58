using System.Globalization;
using System.Net;

namespace OpenRouter.Billing.Tests.Api;

public sealed class ActivityReportTests
{
    private static readonly string[] Hashes = [.. Enumerable.Range(1, 9).Select(i => i.ToString("x64", CultureInfo.InvariantCulture))];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ListByKeysAsync_OneFails_SaysWhichAndKeepsTheOthers()
    {
        var handler = new ScriptedHandler(request => request.Query.Contains(Hashes[4], StringComparison.Ordinal)
            ? StubHandler.Json("""{"error":{"code":404,"message":"Resource not found"}}""", HttpStatusCode.NotFound)
            : StubHandler.Json("""{"data":[{"date":"2026-11-17","usage":2,"requests":1}]}"""));
        var report = await BillingClientKit.Over(handler).Activity.ListByKeysAsync([.. Hashes, Hashes[0].ToUpperInvariant()], new ActivityQuery { Date = new DateOnly(2026, 11, 17) }, Cancelled);

        Assert.Equal(Hashes, report.Parts.Select(part => part.Id));
        Assert.Equal(Hashes.Length, handler.Requests.Count);
        Assert.All(handler.Requests, request => Assert.StartsWith("date=2026-11-17&api_key_hash=", request.Query, StringComparison.Ordinal));
        var failed = Assert.Single(report.Parts, part => part.Failure is not null);
        Assert.Equal((Hashes[4], 0, null), (failed.Id, failed.Entries.Count, failed.Totals));
        Assert.False(report.IsComplete);
        var exception = Assert.Throws<PartialResultException>(() => report.Total());
        Assert.Same(failed.Failure, exception.InnerException);
        Assert.StartsWith("1 of 9 parts", exception.Message, StringComparison.Ordinal);
        Assert.Equal(16m, report.PartialTotal().Cost);
    }

    [Fact]
    public async Task ListByMembersAsync_AllRead_AddUp()
    {
        var handler = new ScriptedHandler(request => StubHandler.Json($$"""{"data":[{"date":"2026-11-17","usage":{{(request.Query == "user_id=user_1" ? 1 : 10)}}}]}"""));
        var report = await BillingClientKit.Over(handler).Activity.ListByMembersAsync(["user_1", "a b&c", "user_1"], cancellationToken: Cancelled);
        Assert.Equal(["user_id=a%20b%26c", "user_id=user_1"], handler.Requests.Select(request => request.Query).Order(StringComparer.Ordinal));
        Assert.True(report.IsComplete);
        Assert.Equal(11m, report.Total().Cost);
    }

    [Fact]
    public async Task ListByKeysAsync_ManyKeys_AsksAFewAtATime()
    {
        var (running, most) = (0, 0);
        var gate = new TaskCompletionSource();
        var stub = new StubHandler().On("GET activity", async (_, cancellationToken) =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await gate.Task.WaitAsync(cancellationToken);
            Interlocked.Decrement(ref running);
            return StubHandler.Json("""{"data":[]}""");
        });
        var call = BillingClientKit.Over(stub).Activity.ListByKeysAsync(Hashes, cancellationToken: Cancelled);
        await BillingClientKit.UntilAsync(() => Volatile.Read(ref running) == 4, "four calls");
        Assert.False(call.IsCompleted);
        gate.SetResult();
        Assert.True((await call).IsComplete);
        Assert.Equal(4, most);
    }

    [Fact]
    public async Task ListByKeysAsync_CallerLeaves_EndsAllCalls()
    {
        using var leaving = new CancellationTokenSource();
        var stub = new StubHandler().On("GET activity", async (_, cancellationToken) =>
        {
            await leaving.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("It waited for ever.");
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BillingClientKit.Over(stub).Activity.ListByKeysAsync(Hashes, cancellationToken: leaving.Token));
        Assert.InRange(stub.Requests.Count, 1, 4);
    }

    [Fact]
    public async Task ListBy_WhatCannotBeAsked_IsRefusedBeforeSending()
    {
        var handler = new ScriptedHandler(_ => throw new InvalidOperationException("Something was sent."));
        var activity = BillingClientKit.Over(handler).Activity;
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => activity.ListByKeysAsync([Hashes[0], TestData.ApiKey], cancellationToken: Cancelled));
        Assert.DoesNotContain("sk-or", exception.ToString(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => activity.ListByKeysAsync(Hashes, new ActivityQuery { ApiKeyHash = Hashes[0] }, Cancelled));
        await Assert.ThrowsAsync<ArgumentException>(() => activity.ListByMembersAsync(["u"], new ActivityQuery { UserId = "u" }, Cancelled));
        await Assert.ThrowsAsync<ArgumentException>(() => activity.ListByMembersAsync(["u", " "], cancellationToken: Cancelled));
        await Assert.ThrowsAsync<CredentialMissingException>(() => BillingClientKit.Over(handler, options => options.ManagementKey = null).Activity.ListByKeysAsync(Hashes, cancellationToken: Cancelled));
        Assert.Empty((await activity.ListByKeysAsync([], cancellationToken: Cancelled)).Parts);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }
}
