using System.Globalization;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Tests.Guard.Faults;

/// <summary>One cell of the table: sends a chat into a fault, and says in the table's words what its caller saw and what the books hold.</summary>
internal sealed class FaultRun : IAsyncDisposable
{
    private const string HangsAtAcquire = "ledger hangs at acquire";
    private const string RefusedAndThrows = "connection refused, ledger throws at release";
    private const string RefusedAndHangs = "connection refused, ledger hangs at release";

    private static readonly Dictionary<string, Func<ServedAnswer, WireFault>> OnTheWire = new()
    {
        ["host not found"] = _ => WireFault.NoSuchHost(),
        ["connection refused"] = _ => WireFault.Refused(),
        ["connection never accepted"] = _ => WireFault.NeverAccepted(),
        ["certificate of another host"] = _ => WireFault.WrongCertificate(),
        ["TLS handshake cut"] = _ => WireFault.HandshakeCut(),
        ["no head"] = WireFault.NoHead,
        ["head cut"] = WireFault.HeadCut,
        ["body cut half-way"] = WireFault.BodyCut,
        ["body stalls half-way"] = WireFault.BodyStalls,
        ["`Content-Length` too great"] = WireFault.LengthTooGreat,
        ["`Content-Length` too small"] = WireFault.LengthTooSmall,
        ["gzip garbage"] = answer => WireFault.GzipGarbage(answer, false),
        ["gzip garbage, inflated by the client"] = answer => WireFault.GzipGarbage(answer, true),
        ["gzip cut short"] = answer => WireFault.GzipCut(answer, false),
        ["gzip cut short, inflated by the client"] = answer => WireFault.GzipCut(answer, true),
    };

    private static readonly Dictionary<string, (string Start, Action<ManualTimeProvider> Strike)> OfTheClock = new()
    {
        ["clock put forward 1 h"] = ("2026-11-18T10:30:00Z", clock => clock.SetWallClock(TimeSpan.FromHours(1))),
        ["clock put back 1 h"] = ("2026-11-18T10:30:00Z", clock => clock.SetWallClock(TimeSpan.FromHours(-1))),
        ["summer time ends"] = ("2026-10-25T00:59:59Z", clock => clock.Advance(TimeSpan.FromSeconds(2))),
        ["year ends"] = ("2026-12-31T23:59:59Z", clock => clock.Advance(TimeSpan.FromSeconds(2))),
    };

    private static readonly Dictionary<string, Func<IBillingLedger, Stage, IBillingLedger>> OfTheLedger = new()
    {
        ["ledger throws at acquire"] = (books, stage) => new StagedLedger(books) { BeforeAcquire = Throwing(stage) },
        [HangsAtAcquire] = (books, stage) => new StagedLedger(books) { BeforeAcquire = Hanging(stage) },
        ["ledger throws at settle"] = (books, stage) => new StagedLedger(books) { BeforeSettle = Throwing(stage) },
        ["ledger hangs at settle"] = (books, stage) => new StagedLedger(books) { BeforeSettle = Hanging(stage) },
        [RefusedAndThrows] = (books, stage) => new StagedLedger(books) { BeforeRelease = Throwing(stage) },
        [RefusedAndHangs] = (books, stage) => new StagedLedger(books) { BeforeRelease = Hanging(stage) },
        ["settled in reverse order"] = (books, _) => new FaultyLedger(books, isReversed: true, isTwice: false),
        ["settled twice, then at three times the cost"] = (books, _) => new FaultyLedger(books, isReversed: false, isTwice: true),
    };

    private readonly Stage _ledgerStage = new();
    private readonly Place _place;
    private readonly WireFault? _fault;
    private readonly Action<ManualTimeProvider>? _strike;
    private readonly bool _hangsAtAcquire;
    private readonly FaultWorld _world;

    private FaultRun(string fault, Place place)
    {
        var (start, strike) = OfTheClock.GetValueOrDefault(fault, ("2026-11-18T10:30:00Z", null!));
        var over = OfTheLedger.GetValueOrDefault(fault);
        _place = place;
        _hangsAtAcquire = fault == HangsAtAcquire;
        _strike = strike;
        _fault = OnTheWire.TryGetValue(fault, out var onTheWire) ? onTheWire(place.Struck)
            : strike is not null ? WireFault.HalfWay(place.Struck)
            : fault is RefusedAndThrows or RefusedAndHangs ? WireFault.Refused() : null;
        var clock = new ManualTimeProvider(DateTimeOffset.Parse(start, CultureInfo.InvariantCulture)) { Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin") };
        _world = new FaultWorld(place, _fault, clock, over is null ? null : books => new UntilHealed(over(books, _ledgerStage), books, _ledgerStage));
    }

    /// <summary>Faults that need no other circumstances than their own.</summary>
    public static IReadOnlyList<string> Faults { get; } = [.. OnTheWire.Keys, .. OfTheClock.Keys, .. OfTheLedger.Keys];

    /// <summary>Whether a fault can strike there: a ledger's is in the books of the chat, wherever it is.</summary>
    public static bool Applies(string fault, Place place) => place.IsChat || !OfTheLedger.ContainsKey(fault);

    /// <summary>Runs one cell.</summary>
    /// <returns>What was seen; what is held.</returns>
    public static async Task<string> RunAsync(string fault, Place place)
    {
        await using var run = new FaultRun(fault, place);
        var seen = await run.SendAsync();
        var held = await run.HeldAsync();
        await run.HealsAsync();
        return $"{seen}; {held}";
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await (_fault?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private static Func<Task> Throwing(Stage stage) => () =>
    {
        stage.Reach();
        throw new IOException("The database is away.");
    };

    private static Func<Task> Hanging(Stage stage) => () => stage.StayAsync(CancellationToken.None);

    private async Task<string> SendAsync()
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var reading = new ReadAnswer(_world.Http, giveUp.Token);
        await Task.WhenAny(reading.Done, StrikeAsync(reading, giveUp));
        await reading.Done.WaitAsync(BillingClientKit.Patience, TestContext.Current.CancellationToken);
        return reading.Show(_place.Sound(ServedAnswer.Chat).Body);
    }

    private async Task StrikeAsync(ReadAnswer reading, CancellationTokenSource giveUp)
    {
        if (_strike is not null)
        {
            await _fault!.Stage.Reached;
            _strike(_world.Clock);
            _fault.Stage.GoOn();
        }
        else if (_fault is { IsSilent: true } && _place.IsChat)
        {
            await _fault.Stage.Reached;
            await BillingClientKit.UntilAsync(() => reading.Length == _fault.BytesBeforeSilence, "all that comes");
            await giveUp.CancelAsync();
        }
        else if (_fault is { IsSilent: true })
        {
            await BillingClientKit.UntilAsync(IsAlone, "the guard to wait for this answer only");
            _world.Clock.Advance(_world.Patience);
        }
        else if (_hangsAtAcquire)
        {
            await _ledgerStage.Reached;
            await BillingClientKit.UntilAsync(() => _world.Clock.PendingWaits is [var wait] && wait == _world.Patience, "the guard to wait for its ledger");
            _world.Clock.Advance(_world.Patience);
        }
    }

    // All three questions are on their way at once; of the two others nothing is waited for any more.
    private bool IsAlone() =>
        Place.All.Where(place => !place.IsChat && place != _place).All(place => _world.Asked(place.Question) == 1)
        && _world.Clock.PendingWaits is { Count: 4 } waits && waits.Count(wait => wait == _world.Patience) == 1;

    private async Task<string> HeldAsync()
    {
        await BillingClientKit.UntilAsync(IsBooked, "everything to be booked");
        var (booked, held) = _world.Books;
        var what = (booked + held) switch
        {
            0 => "nothing",
            ServedAnswer.Cost when _world.Asked("generation") > 0 => "the cost, asked for",
            ServedAnswer.Cost => "the cost",
            > ServedAnswer.Cost => "the claim",
            _ => "less than the cost",
        };
        return held > 0 ? what + ", leased" : what;
    }

    private bool IsBooked()
    {
        // The guard pauses before it asks what an answer has cost.
        if (_world.Clock.PendingWaits is [var pause, ..] && pause < TimeSpan.FromSeconds(3))
        {
            _world.Clock.Advance(pause);
        }

        return _world.Books.Held == 0 || _ledgerStage.Reached.IsCompleted;
    }

    private async Task HealsAsync()
    {
        var (booked, held) = _world.Books;
        _ledgerStage.GoOn();
        var chats = _world.Chats;
        var http = await _world.HealAsync();
        using var reading = new ReadAnswer(http, TestContext.Current.CancellationToken);
        await reading.Done.WaitAsync(BillingClientKit.Patience, TestContext.Current.CancellationToken);
        Assert.Equal("every byte", reading.Show(_place.Sound(ServedAnswer.Chat).Body));
        Assert.Equal(chats + 1, _world.Chats);
        await BillingClientKit.UntilAsync(() => _world.Books.Held <= held && _world.Books.Booked >= booked + ServedAnswer.Cost, "the next chat to be booked");
    }

    /// <summary>One ledger until the fault is over, and the books themselves afterwards.</summary>
    private sealed class UntilHealed(IBillingLedger faulty, IBillingLedger books, Stage stage) : IBillingLedger
    {
        private IBillingLedger Now => stage.IsOver ? books : faulty;

        public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) => Now.AcquireAsync(claims, leaseDuration, cancellationToken);

        public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) => Now.PeekAsync(claims, cancellationToken);

        public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) => Now.SettleAsync(lease, unit, amount, cancellationToken);

        public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => Now.ReleaseAsync(lease, cancellationToken);
    }
}
