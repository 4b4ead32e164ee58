using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

public sealed class ExpiringModelsTests
{
    private const string Models = """{"data":[{"id":"old/model","expiration_date":"2026-12-01"},{"id":"older/model","expiration_date":"2026-11-01"},{"id":"new/model","expiration_date":null}]}""";

    private readonly ManualTimeProvider _clock = new(AlertWorld.Noon);
    private readonly StubHandler _stub = new StubHandler().On("GET models", Models);
    private readonly ExpiringModels _models;

    public ExpiringModelsTests() => _models = new ExpiringModels(() => BillingClientKit.Over(_stub, clock: _clock), _clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_ModelsThatWereUsed_AreThoseThatHaveAnEndAhead() =>
        Assert.Equal([("old/model", new DateOnly(2026, 12, 1))], await _models.ReadAsync([Used("old/model:online"), Used("older/model")], ["old/model", "new/model", "gone/model"], Token));

    [Fact]
    public async Task ReadAsync_NothingWasUsed_AsksNothing()
    {
        Assert.Empty(await _models.ReadAsync([], [], Token));
        Assert.Empty(_stub.Requests);
    }

    [Fact]
    public async Task ReadAsync_AskedOften_ReadsTheListAFewTimesADay()
    {
        for (var hour = 0; hour < 12; hour++)
        {
            await _models.ReadAsync([Used("old/model")], [], Token);
            _clock.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(2, _stub.Count("GET models"));
    }

    [Fact]
    public async Task ReadAsync_ClockSetBackADay_StillReadsTheListAFewTimesADay()
    {
        await _models.ReadAsync([Used("old/model")], [], Token);
        _clock.SetWallClock(-TimeSpan.FromDays(1));
        _clock.Advance(TimeSpan.FromHours(6));

        await _models.ReadAsync([Used("old/model")], [], Token);

        Assert.Equal(2, _stub.Count("GET models"));
    }

    private static SpendEntry Used(string model) => new() { Labels = new SpendLabels { Model = model }, Requests = 1, Cost = 1m };
}
