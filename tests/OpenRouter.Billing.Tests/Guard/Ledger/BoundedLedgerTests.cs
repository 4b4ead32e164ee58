using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

/// <summary>A ledger that answers late, fails or never answers, and how long those who ask it wait.</summary>
public sealed class BoundedLedgerTests : IDisposable
{
    private static readonly BillingGuardOptions Options = new() { ReadingTimeout = TimeSpan.FromSeconds(3) };

    private readonly ManualTimeProvider _clock = new();
    private readonly RecordingLogger<BoundedLedgerTests> _log = new();
    private readonly ManualResetEventSlim _release = new();
    private readonly TaskCompletionSource _slow = new();
    private readonly InMemoryBillingLedger _books;
    private readonly StagedLedger _staged;
    private readonly BoundedLedger _ledger;

    public BoundedLedgerTests()
    {
        _books = new InMemoryBillingLedger(_clock);
        _staged = new StagedLedger(_books);
        _ledger = new BoundedLedger(_staged, _clock, _log);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LimitClaim Claim => Claims.Money("a", 5, 10, _clock.GetUtcNow());

    private LeaseRequest Request => new() { Claims = [Claim], Duration = TimeSpan.FromMinutes(15), Labels = new SpendLabels { Member = "ann" }, ClaimedCost = 5 };

    public void Dispose() => _release.Dispose();

    [Fact]
    public void SumsUpSpending_TellsWhetherTheLedgerDoes()
    {
        Assert.True(new BoundedLedger(_books, _clock, _log).SumsUpSpending);
        Assert.True(new BoundedLedger(new BlockingSpendLedger(_books, _release), _clock, _log).SumsUpSpending);
        Assert.False(_ledger.SumsUpSpending);
    }

    [Fact]
    public async Task AcquireAsync_LedgerInMemory_AnswersBeforeItReturns()
    {
        var acquiring = new BoundedLedger(_books, _clock, _log).AcquireAsync(Request, Options, goesOutAnyway: false, Cancellation).AsTask();

        Assert.True(acquiring.IsCompletedSuccessfully);
        Assert.NotNull((await acquiring).Lease);
    }

    [Fact]
    public async Task AcquireAsync_LedgerThatSumsUpSpendingBlocksItsThread_ReturnsAndTellsItWhoseSpendingItIs()
    {
        var blocking = new BlockingSpendLedger(_books, _release);
        var acquiring = new BoundedLedger(blocking, _clock, _log).AcquireAsync(Request, Options, goesOutAnyway: false, Cancellation);
        Assert.False(acquiring.IsCompleted);

        _release.Set();

        Assert.NotNull((await acquiring).Lease);
        Assert.Equal(("ann", 5), (blocking.Asked.Labels.Member, blocking.Asked.ClaimedCost));
    }

    [Fact]
    public async Task AcquireAsync_LedgerThatOnlyHolds_TakesTheClaims()
    {
        Assert.NotNull((await _ledger.AcquireAsync(Request, Options, goesOutAnyway: false, Cancellation)).Lease);
        Assert.Equal((0, 5), await UsedAsync());
    }

    [Fact]
    public async Task AcquireAsync_LedgerFails_FailsAlikeAndSaysNothing()
    {
        var fault = new IOException("The database is away.");
        _staged.BeforeAcquire = () => throw fault;

        Assert.Same(fault, await Assert.ThrowsAsync<IOException>(() => AcquireAsync(goesOutAnyway: false, Cancellation)));
        Assert.Empty(_log.Entries);
    }

    [Fact]
    public async Task AcquireAsync_LedgerHangs_IsWaitedForAsLongAsTheOptionsSay()
    {
        _staged.BeforeAcquire = () => _slow.Task;
        var acquiring = AcquireAsync(goesOutAnyway: false, Cancellation);

        _clock.Advance(Options.ReadingTimeout - TimeSpan.FromTicks(1));
        Assert.False(acquiring.IsCompleted);

        _clock.Advance(TimeSpan.FromTicks(1));
        await IsTimedOutAsync(acquiring);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task AcquireAsync_GrantNobodyWaitsForAnyMore_IsGivenBack(bool callerGivesUp, bool goesOutAnyway)
    {
        _staged.BeforeAcquire = () => _slow.Task;
        await GiveUpAsync(callerGivesUp, goesOutAnyway);

        _slow.SetResult();

        var granted = await _staged.Acquired.Task.WaitAsync(BillingClientKit.Patience, Cancellation);
        Assert.Equal(granted.Lease, await _staged.Released.Task.WaitAsync(BillingClientKit.Patience, Cancellation));
        Assert.Equal((0, 0), await UsedAsync());
        Assert.Empty(_log.Entries);
    }

    [Fact]
    public async Task AcquireAsync_GrantAfterTheRequestWentOut_IsKeptForItsSettlement()
    {
        _staged.BeforeAcquire = () => _slow.Task;
        await GiveUpAsync(callerGivesUp: false, goesOutAnyway: true);

        _slow.SetResult();

        var granted = await _staged.Acquired.Task.WaitAsync(BillingClientKit.Patience, Cancellation);
        await _staged.SettleAsync(granted.Lease!.Value, LimitUnit.UsDollars, 2, Cancellation);
        Assert.Equal((2, 0), await UsedAsync());
        Assert.False(_staged.Released.Task.IsCompleted);
    }

    [Fact]
    public async Task AcquireAsync_LateGrantCannotBeGivenBack_IsSaid()
    {
        _staged.BeforeAcquire = () => _slow.Task;
        _staged.BeforeRelease = () => throw new IOException("The database is away.");
        await GiveUpAsync(callerGivesUp: false, goesOutAnyway: false);

        _slow.SetResult();

        await IsSaidAsync("DecisionFailed", "The database is away.");
    }

    [Fact]
    public async Task AcquireAsync_LedgerFailsAfterTheWait_IsSaid()
    {
        _staged.BeforeAcquire = () => _slow.Task;
        await GiveUpAsync(callerGivesUp: false, goesOutAnyway: false);

        _slow.SetException(new IOException("The database is away."));

        await IsSaidAsync("DecisionFailed", "The database is away.");
    }

    [Fact]
    public async Task AcquireAsync_LateRefusal_HasNothingToGiveBack()
    {
        await _books.AcquireAsync([Claims.Money("a", 6, 10, _clock.GetUtcNow())], TimeSpan.FromMinutes(15), Cancellation);
        _staged.BeforeAcquire = () => _slow.Task;
        await GiveUpAsync(callerGivesUp: false, goesOutAnyway: false);

        _slow.SetResult();

        Assert.Null((await _staged.Acquired.Task.WaitAsync(BillingClientKit.Patience, Cancellation)).Lease);
        Assert.Equal((0, 6), await UsedAsync());
        Assert.Empty(_log.Entries);
    }

    [Fact]
    public async Task PeekAsync_LedgerAnswers_TellsTheUsage()
    {
        await AcquireAsync(goesOutAnyway: false, Cancellation);

        Assert.Equal([new LimitUsage(0, 5, null)], await _ledger.PeekAsync([Claim], Options, Cancellation));
        Assert.Equal([new LimitUsage(0, 5, null)], await new BoundedLedger(_books, _clock, _log).PeekAsync([Claim], Options, Cancellation));
    }

    [Fact]
    public async Task PeekAsync_LedgerHangs_IsWaitedForAsLongAsTheOptionsSay()
    {
        _staged.BeforePeek = () => _slow.Task;
        var peeking = _ledger.PeekAsync([Claim], Options, Cancellation).AsTask();

        _clock.Advance(Options.ReadingTimeout - TimeSpan.FromTicks(1));
        Assert.False(peeking.IsCompleted);

        _clock.Advance(TimeSpan.FromTicks(1));
        await IsTimedOutAsync(peeking);
        _slow.SetResult();
    }

    [Fact]
    public async Task PeekAsync_CallerGivesUp_IsACancellation()
    {
        using var giveUp = new CancellationTokenSource();
        _staged.BeforePeek = () => _slow.Task;
        var peeking = _ledger.PeekAsync([Claim], Options, giveUp.Token).AsTask();

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => peeking.WaitAsync(BillingClientKit.Patience, Cancellation));
        _slow.SetResult();
    }

    [Fact]
    public async Task GiveBackAsync_LedgerIsSlow_IsWaitedFor()
    {
        var giving = GiveBackAsync(Cancellation);
        Assert.False(giving.IsCompleted);

        _slow.SetResult();

        await giving.WaitAsync(BillingClientKit.Patience, Cancellation);
        Assert.Empty(_log.Entries);
    }

    [Fact]
    public async Task GiveBackAsync_LedgerHangs_GoesOnWhenTheTimeIsUpAndSaysSo()
    {
        var giving = GiveBackAsync(Cancellation);

        _clock.Advance(Options.ReadingTimeout - TimeSpan.FromTicks(1));
        Assert.False(giving.IsCompleted);

        _clock.Advance(TimeSpan.FromTicks(1));
        await giving.WaitAsync(BillingClientKit.Patience, Cancellation);
        await IsSaidAsync("SettlementFailed", nameof(TimeoutException));
    }

    [Fact]
    public async Task GiveBackAsync_LedgerFails_GoesOnAndSaysSo()
    {
        _slow.SetException(new IOException("The database is away."));

        await GiveBackAsync(Cancellation);

        await IsSaidAsync("SettlementFailed", "The database is away.");
    }

    [Fact]
    public async Task GiveBackAsync_CallerGivesUp_IsACancellationAndNoFault()
    {
        using var giveUp = new CancellationTokenSource();
        var giving = GiveBackAsync(giveUp.Token);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => giving.WaitAsync(BillingClientKit.Patience, Cancellation));
        Assert.Empty(_log.Entries);
    }

    private Task<LedgerAnswer> AcquireAsync(bool goesOutAnyway, CancellationToken cancellationToken) =>
        _ledger.AcquireAsync(Request, Options, goesOutAnyway, cancellationToken).AsTask();

    private Task GiveBackAsync(CancellationToken cancellationToken) => _ledger.GiveBackAsync(new ValueTask(_slow.Task), Options.ReadingTimeout, cancellationToken).AsTask();

    private async Task GiveUpAsync(bool callerGivesUp, bool goesOutAnyway)
    {
        using var giveUp = new CancellationTokenSource();
        var acquiring = AcquireAsync(goesOutAnyway, giveUp.Token);
        if (callerGivesUp)
        {
            await giveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => acquiring.WaitAsync(BillingClientKit.Patience, Cancellation));
        }
        else
        {
            _clock.Advance(Options.ReadingTimeout);
            await IsTimedOutAsync(acquiring);
        }
    }

    // Not by waiting with a bound of one's own, which ends in the same exception.
    private static async Task IsTimedOutAsync(Task call)
    {
        await BillingClientKit.UntilAsync(() => call.IsCompleted, "the call to end");
        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }

    private async Task IsSaidAsync(string expected, string because)
    {
        await BillingClientKit.UntilAsync(() => !_log.Entries.IsEmpty, "a line in the log");
        var (level, name, text) = Assert.Single(_log.Entries);
        Assert.Equal((LogLevel.Error, expected), (level, name));
        Assert.Contains(because, text, StringComparison.Ordinal);
    }

    private async Task<(long Settled, long Leased)> UsedAsync() =>
        (await _books.PeekAsync([Claim], Cancellation))[0] switch { var usage => (usage.Settled, usage.Leased) };

    /// <summary>Books that sum up spending, and hold the thread of whoever takes claims until the event is set.</summary>
    private sealed class BlockingSpendLedger(InMemoryBillingLedger books, ManualResetEventSlim release) : ISpendLedger
    {
        public LeaseRequest Asked { get; private set; }

        public async ValueTask<LedgerAnswer> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken = default)
        {
            await StagedLedger.Blocking(release)();
            Asked = request;
            return await books.AcquireAsync(request, cancellationToken);
        }

        public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
            books.AcquireAsync(claims, leaseDuration, cancellationToken);

        public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) =>
            books.PeekAsync(claims, cancellationToken);

        public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) =>
            books.SettleAsync(lease, unit, amount, cancellationToken);

        public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => books.ReleaseAsync(lease, cancellationToken);

        public IAsyncEnumerable<SpendEntry> ReadSpendAsync(SpendQuery? query = null, CancellationToken cancellationToken = default) => books.ReadSpendAsync(query, cancellationToken);
    }
}
