using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

public sealed class AlertBookTests
{
    private readonly ManualTimeProvider _clock = new(AlertWorld.Noon);
    private readonly InMemorySharedState _state;
    private readonly AlertBook _book;

    public AlertBookTests()
    {
        _state = new InMemorySharedState(_clock);
        _book = AlertWorld.Book(_state, _clock);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NoteAsync_TenThresholdsOfOneFigurePassedAtOnce_TellsTheTightestOnly()
    {
        var alert = Assert.Single(await _book.NoteAsync([.. Enumerable.Range(1, 10).Select(at => Passed("balance", $"balance/{at}", tightness: -at))], [], Token));

        Assert.Equal("balance/1", alert.Message);
        Assert.Empty(await _book.NoteAsync([.. Enumerable.Range(1, 10).Select(at => Passed("balance", $"balance/{at}", tightness: -at))], [], Token));
    }

    [Fact]
    public async Task NoteAsync_LooserThresholdThatIsAddedLater_IsNoNews()
    {
        var tight = Passed("balance", "balance/5", tightness: -5);
        Assert.Single(await _book.NoteAsync([tight], [], Token));

        Assert.Empty(await _book.NoteAsync([tight, Passed("balance", "balance/50", tightness: -50)], [], Token));
    }

    [Fact]
    public async Task NoteAsync_TenFiguresPassedAtOnce_TellsFourAndSumsUpTheOthers()
    {
        var conditions = Enumerable.Range(1, 10).Select(key => Passed($"key/{key}", $"key/{key}/80", severity: key == 7 ? AlertSeverity.Urgent : AlertSeverity.Warning)).ToList();

        var alerts = await _book.NoteAsync(conditions, [], Token);

        Assert.Equal(AlertBook.MostAtOnce, alerts.Count);
        Assert.Equal("key/7/80", alerts[0].Message);
        Assert.Equal((AlertKind.Several, 6), (alerts[^1].Kind, alerts[^1].Parts.Count));
        Assert.Equal(conditions.Select(condition => condition.Rule).Order(), alerts.Take(4).Concat(alerts[^1].Parts).Select(alert => alert.Message).Order());
        Assert.Empty(await _book.NoteAsync(conditions, [], Token));
    }

    [Fact]
    public async Task NoteAsync_FigureThatTremblesAtItsThreshold_IsToldOnce()
    {
        Assert.Single(await NoteAsync(AlertStanding.Passed));
        Assert.Empty(await NoteAsync(AlertStanding.Near));
        Assert.Empty(await NoteAsync(AlertStanding.Passed));
        Assert.Empty(await NoteAsync(AlertStanding.Clear));
        Assert.Single(await NoteAsync(AlertStanding.Passed));
    }

    [Fact]
    public async Task NoteAsync_NewWindow_TellsAgain()
    {
        Assert.Single(await NoteAsync(AlertStanding.Passed, "2026-11-18"));
        Assert.Empty(await NoteAsync(AlertStanding.Clear, "2026-11-18"));
        Assert.Empty(await NoteAsync(AlertStanding.Passed, "2026-11-18"));
        Assert.Single(await NoteAsync(AlertStanding.Passed, "2026-11-19"));
    }

    [Fact]
    public async Task NoteAsync_OtherProcess_KnowsWhatWasTold()
    {
        Assert.Single(await NoteAsync(AlertStanding.Passed));

        Assert.Empty(await AlertWorld.Book(_state, _clock).NoteAsync([Passed("balance", "balance/5")], [], Token));
    }

    [Fact]
    public async Task NoteAsync_ManyProcessesAtOnce_TellOnce()
    {
        var told = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(
            async () => (await AlertWorld.Book(_state, _clock).NoteAsync([Passed("balance", "balance/5")], [], Token)).Count, Token)));

        Assert.Equal(1, told.Sum());
    }

    [Fact]
    public async Task NoteAsync_MonthsOfTheSame_IsNotForgotten()
    {
        Assert.Single(await NoteAsync(AlertStanding.Passed, "2027-11-18"));

        for (var day = 0; day < 200; day++)
        {
            _clock.Advance(TimeSpan.FromDays(1));
            Assert.Empty(await NoteAsync(AlertStanding.Passed, "2027-11-18"));
        }
    }

    [Fact]
    public async Task NoteAsync_RecipientsOfNobody_AreThoseOfTheAccount()
    {
        var alert = Assert.Single(await _book.NoteAsync([Passed("balance", "balance/5")], ["on-call"], Token));

        Assert.Equal(["on-call"], alert.Recipients);
    }

    [Fact]
    public async Task NoteAsync_Notice_IsToldOnceFor60Days()
    {
        var notice = new AlertNotice { Kind = AlertKind.PurchaseArrived, Severity = AlertSeverity.Info, Message = "25 USD have arrived.", Once = "purchase/1" };

        Assert.Single(await _book.NoteAsync(notice, [], Token));
        Assert.Empty(await _book.NoteAsync(notice, [], Token));
        Assert.Single(await _book.NoteAsync(notice with { Once = "purchase/2" }, [], Token));
        _clock.Advance(TimeSpan.FromDays(61));
        await NoteAsync(AlertStanding.Clear);
        Assert.Single(await _book.NoteAsync(notice, [], Token));
    }

    [Fact]
    public async Task TakeOverAsync_ProcessThatEnded_DeliversUnderTheSameId()
    {
        var lost = Assert.Single(await NoteAsync(AlertStanding.Passed));

        Assert.Empty(await _book.TakeOverAsync(Token));
        _clock.Advance(AlertBook.Claim);
        var again = Assert.Single(await _book.TakeOverAsync(Token));

        Assert.Equal(lost.Id, again.Id);
        Assert.Empty(await _book.TakeOverAsync(Token));
    }

    [Fact]
    public async Task TakeOverAsync_StruckOff_IsNotDeliveredAgain()
    {
        var alert = Assert.Single(await NoteAsync(AlertStanding.Passed));
        await _book.StrikeOffAsync(alert.Id, Token);
        _clock.Advance(AlertBook.Claim);

        Assert.Empty(await _book.TakeOverAsync(Token));
    }

    [Fact]
    public async Task TakeOverAsync_NobodyDeliversForAWeek_GivesUp()
    {
        await NoteAsync(AlertStanding.Passed);

        _clock.Advance(TimeSpan.FromDays(7));
        Assert.Single(await _book.TakeOverAsync(Token));
        _clock.Advance(AlertBook.Claim);
        Assert.Empty(await _book.TakeOverAsync(Token));
    }

    [Fact]
    public async Task NoteAsync_ThousandsThatNobodyDelivers_StayWithinBounds()
    {
        for (var index = 0; index < 1000; index++)
        {
            await _book.NoteAsync(new AlertNotice { Kind = AlertKind.Custom, Severity = AlertSeverity.Info, Message = "Again.", Once = $"{index}" }, [], Token);
        }

        _clock.Advance(AlertBook.Claim);
        Assert.Equal(100, (await _book.TakeOverAsync(Token)).Count);
    }

    [Fact]
    public async Task NoteAsync_MoreNoticesThanAreKept_ForgetsTheOldest()
    {
        var told = string.Join(',', Enumerable.Range(0, 20_000).Select(index => $$"""
            "notice/{{index}}":{"window":"","seen_at":"{{_clock.GetUtcNow().AddMinutes(index - 20_000):O}}"}
            """));
        await _state.TryWriteAsync("foresight/test/alerts", $$"""{"told":{{{told}}},"pending":[]}""", 0, cancellationToken: Token);

        Assert.Empty(await NoticeAsync("19999"));
        Assert.Single(await NoticeAsync("0"));

        Assert.InRange((await _state.ReadAsync("foresight/test/alerts", Token))!.Text.Length, 1, 500_000);

        ValueTask<IReadOnlyList<BillingAlert>> NoticeAsync(string once) =>
            _book.NoteAsync(new AlertNotice { Kind = AlertKind.Custom, Severity = AlertSeverity.Info, Message = "Again.", Once = once }, [], Token);
    }

    [Fact]
    public async Task TakeOverAsync_ClaimOfAClockThatWasAhead_IsTakenOver()
    {
        var ahead = new ManualTimeProvider(AlertWorld.Noon.AddYears(1));
        Assert.Single(await AlertWorld.Book(_state, ahead).NoteAsync([Passed("balance", "balance/5")], [], Token));

        Assert.Single(await _book.TakeOverAsync(Token));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("""{"told":null,"pending":[]}""")]
    [InlineData("""{"told":{"balance/5":null},"pending":[]}""")]
    [InlineData("""{"told":{},"pending":null}""")]
    [InlineData("""{"told":{},"pending":[null]}""")]
    [InlineData("""{"told":{},"pending":[{"alert":null,"claimed_until":"2026-11-18T12:00:00Z"}]}""")]
    public async Task NoteAsync_StateThatNobodyCanRead_BeginsAnew(string text)
    {
        await _state.TryWriteAsync("foresight/test/alerts", text, 0, cancellationToken: Token);

        Assert.Single(await NoteAsync(AlertStanding.Passed));
        Assert.Empty(await NoteAsync(AlertStanding.Passed));
    }

    [Fact]
    public async Task NoteAsync_StateThatOthersAlwaysChange_EndsWithAnError() =>
        await Assert.ThrowsAsync<TimeoutException>(async () => await AlertWorld.Book(new ContestedState(), _clock).NoteAsync([Passed("balance", "balance/5")], [], Token));

    private ValueTask<IReadOnlyList<BillingAlert>> NoteAsync(AlertStanding standing, string? window = null) =>
        _book.NoteAsync([Passed("balance", "balance/5") with { Standing = standing, Window = window }], [], Token);

    private static AlertCondition Passed(string group, string rule, decimal tightness = 0, AlertSeverity severity = AlertSeverity.Warning) =>
        new(group, rule, null, AlertStanding.Passed, tightness, new AlertNotice { Kind = AlertKind.Balance, Severity = severity, Message = rule, Once = string.Empty });

    private sealed class ContestedState : ISharedState
    {
        public ValueTask<SharedValue?> ReadAsync(string name, CancellationToken cancellationToken = default) => ValueTask.FromResult<SharedValue?>(null);

        public ValueTask<bool> TryWriteAsync(string name, string text, long expectedVersion, TimeSpan? keepFor = null, CancellationToken cancellationToken = default) => ValueTask.FromResult(false);
    }
}
