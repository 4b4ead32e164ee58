using System.Globalization;
using System.Net;
using System.Text;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Snapshots;

/// <summary>Whose balance a request is held against, and which answers mean that there is none to hold it against.</summary>
public sealed class AccountSnapshotsTests : IDisposable
{
    private const string OtherKey = "sk-or-v1-3333333333333333333333333333333333333333333333333333333333333333";
    private const int MaxKeys = 1024;

    private static readonly TimeSpan PastMaxAge = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan PastFirstPause = TimeSpan.FromSeconds(2);

    private readonly ManualTimeProvider _clock = new();
    private readonly StubHandler _stub = new StubHandler().On("GET key", TestData.KeyBody).On("GET credits", TestData.CreditsBody);
    private readonly HttpClient _http;
    private readonly OpenRouterBillingOptions _options = TestData.Options(options =>
    {
        options.ManagementKey = null;
        options.MaxRetries = 0;
    });

    private readonly AccountSnapshots _snapshots;

    public AccountSnapshotsTests()
    {
        _http = new HttpClient(_stub) { Timeout = Timeout.InfiniteTimeSpan };
        _snapshots = new AccountSnapshots(new AccountReader(() => _http, _clock), _clock);
    }

    public void Dispose()
    {
        _http.Dispose();
        _stub.Dispose();
    }

    [Fact]
    public async Task GetAsync_NoManagementKey_EveryKeyHasTheBalanceThatItIsTold()
    {
        AnswerCredits(key => StubHandler.Json(key == OtherKey ? """{"data":{"total_credits":5,"total_usage":5}}""" : TestData.CreditsBody));

        var one = await GetAsync(TestData.ApiKey);
        var other = await GetAsync(OtherKey);

        Assert.Equal((9.5m, 0m), (one.Balance.Value?.Remaining, other.Balance.Value?.Remaining));
        Assert.NotEqual(one.AccountId, other.AccountId);
    }

    [Fact]
    public async Task GetAsync_ManagementKey_EveryKeyHasTheOneBalanceThatItReads()
    {
        _options.ManagementKey = TestData.ManagementKey;

        var one = await GetAsync(TestData.ApiKey);
        var other = await GetAsync(OtherKey);

        Assert.Equal(one.AccountId, other.AccountId);
        Assert.Same(one.Balance.Value, other.Balance.Value);
        Assert.Equal(("GET credits", TestData.ManagementKey), Assert.Single(_stub.Requests, request => request.Call == "GET credits"));
    }

    [Fact]
    public async Task GetAsync_ManagementKeyIsExchanged_NothingThatTheOldOneReadIsTold()
    {
        AnswerCredits(key => StubHandler.Json(key == OtherKey ? """{"data":{"total_credits":5,"total_usage":5}}""" : TestData.CreditsBody));
        _options.ManagementKey = TestData.ManagementKey;
        var one = await GetAsync(TestData.ApiKey);

        _options.ManagementKey = OtherKey;
        var other = await GetAsync(TestData.ApiKey);

        Assert.Equal((9.5m, 0m), (one.Balance.Value?.Remaining, other.Balance.Value?.Remaining));
        Assert.NotEqual(one.AccountId, other.AccountId);
        Assert.Equal(2, _stub.Count("GET credits"));
        Assert.Equal(0m, (await GetAsync(TestData.ApiKey)).Balance.Value?.Remaining);
        Assert.Equal(2, _stub.Count("GET credits"));
    }

    [Fact]
    public async Task GetAsync_OneKeyIsRevoked_TheBalancesOfOthersAreStillTold()
    {
        AnswerCredits(key => key == OtherKey ? Refusal(HttpStatusCode.Unauthorized) : StubHandler.Json(TestData.CreditsBody));
        Assert.Equal(ReadingState.Known, (await GetAsync(TestData.ApiKey)).Balance.State);

        for (var turn = 0; turn < 3; turn++)
        {
            _clock.Advance(PastMaxAge);
            Assert.Equal(ReadingState.NotPermitted, (await GetAsync(OtherKey)).Balance.State);
            Assert.Equal(ReadingState.Known, (await GetAsync(TestData.ApiKey)).Balance.State);
        }
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task GetAsync_RefusedByAWebPage_IsAFaultHoweverOften(HttpStatusCode status)
    {
        AnswerCredits(_ => new HttpResponseMessage(status) { Content = new StringContent("<html>blocked</html>", Encoding.UTF8, "text/html") });

        for (var turn = 0; turn < 3; turn++)
        {
            Assert.Equal(ReadingState.Unavailable, (await GetAsync(TestData.ApiKey)).Balance.State);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(3, _stub.Count("GET credits"));
    }

    [Fact]
    public async Task GetAsync_RefusedOnceAfterTrueFigures_IsAFaultUntilItIsRepeated()
    {
        await GetAsync(TestData.ApiKey);
        AnswerCredits(_ => Refusal(HttpStatusCode.Forbidden));
        _clock.Advance(PastMaxAge);

        var once = await GetAsync(TestData.ApiKey);
        _clock.Advance(PastFirstPause);
        var twice = await GetAsync(TestData.ApiKey);

        Assert.Equal((ReadingState.Unavailable, ReadingState.NotPermitted), (once.Balance.State, twice.Balance.State));
    }

    [Fact]
    public async Task GetAsync_RefusedOnceAfterTrueFigures_TheBalanceIsSoonKnownAgain()
    {
        await GetAsync(TestData.ApiKey);
        AnswerCredits(_ => Refusal(HttpStatusCode.Forbidden));
        _clock.Advance(PastMaxAge);
        await GetAsync(TestData.ApiKey);

        AnswerCredits(_ => StubHandler.Json(TestData.CreditsBody));
        _clock.Advance(PastFirstPause);

        Assert.Equal(ReadingState.Known, (await GetAsync(TestData.ApiKey)).Balance.State);
    }

    [Fact]
    public async Task GetAsync_MoreKeysThanAreKept_ForgetsThoseThatWereWantedLongestAgo()
    {
        _options.ManagementKey = TestData.ManagementKey;
        for (var number = 0; number < MaxKeys; number++)
        {
            await GetAsync(Key(number));
        }

        await GetAsync(Key(0));
        await GetAsync(Key(MaxKeys));
        Assert.Equal(MaxKeys + 1, _stub.Count("GET key"));

        await GetAsync(Key(0));
        await GetAsync(Key(MaxKeys - 1));
        Assert.Equal(MaxKeys + 1, _stub.Count("GET key"));
        await GetAsync(Key(1));
        Assert.Equal(MaxKeys + 2, _stub.Count("GET key"));
    }

    private static string Key(int number) => "sk-or-v1-" + number.ToString("x64", CultureInfo.InvariantCulture);

    private static HttpResponseMessage Refusal(HttpStatusCode status) =>
        StubHandler.Json($$$"""{"error":{"code":{{{(int)status}}},"message":"Not for this key."}}""", status);

    private void AnswerCredits(Func<string?, HttpResponseMessage> answer) =>
        _stub.On("GET credits", (request, _) => Task.FromResult(answer(request.Headers.Authorization?.Parameter)));

    /// <summary>Asks with figures of any age that a usual request accepts, and never in the same instant twice.</summary>
    private async Task<AccountSnapshot> GetAsync(string key)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        return await _snapshots.GetAsync(key, _options, Freshness.Usual(_options), TestContext.Current.CancellationToken);
    }
}
