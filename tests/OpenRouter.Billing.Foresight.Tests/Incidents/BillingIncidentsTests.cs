using System.Net;
using System.Text.Json;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight.Tests.Incidents;

/// <summary>One call gathers what a ticket asks for, whatever fails, and nothing that must not be told.</summary>
public sealed class BillingIncidentsTests
{
    private const string Activity = """
        {"data":[
          {"date":"2026-11-17","model":"openai/gpt-4o-mini","provider_name":"OpenAI","usage":1.25,"requests":40},
          {"date":"2026-11-17","model":"some/model:free","provider_name":"Chutes","usage":0.02,"requests":3},
          {"date":"2026-11-16","model":"some/model:free","provider_name":"Chutes","usage":0,"requests":9},
          {"date":"2026-10-30","model":"openai/gpt-4o","provider_name":"OpenAI","usage":9,"requests":1}]}
        """;

    private readonly ManualTimeProvider _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GatherAsync_AllCanBeRead_HoldsItAll()
    {
        using var stub = Stub();
        var purchases = new BillingPurchases(Billing(stub), new PurchaseOptions(), new InMemorySharedState(_clock), _clock);
        await purchases.RecordAsync(new Purchase { Id = "receipt 7", Credits = 25, PaidAt = _clock.GetUtcNow().AddHours(-3) }, Token);
        await purchases.RecordAsync(new Purchase { Id = "older", Credits = 25, PaidAt = _clock.GetUtcNow().AddDays(-30) }, Token);
        var steps = new List<IncidentProgress>();

        var report = await new BillingIncidents(Billing(stub), purchases, _clock).GatherAsync(Query("gen-paid", "gen-free"), new Told(steps), Token);

        Assert.Equal((10m, 0.5m, 9.5m), (report.TotalCredits, report.TotalUsage, report.Balance));
        Assert.Equal((2, 50), (report.FreeRequestsUsed, report.FreeRequestsLimit));
        Assert.Equal(["receipt 7"], report.Purchases.Select(purchase => purchase.Id));
        Assert.Equal(3, report.Activity.Count);
        Assert.Equal(["gen-paid", "gen-free"], report.Answers.Select(answer => answer.Id));
        Assert.Empty(report.Gaps);
        Assert.Equal(Enumerable.Range(1, 6), steps.Select(step => step.Done));
        Assert.All(steps, step => Assert.Equal(6, step.Total));
    }

    [Fact]
    public async Task GatherAsync_FreeModelsThatWereBilled_AreFoundWhateverAnswered()
    {
        using var stub = Stub();
        var query = Query() with
        {
            Answers = [new("gen-free"), new("gen-paid", "some/model:free"), new("gen-paid", "openai/gpt-4o-mini"), new("gen-searched", "some/model:free"), new("gen-gratis", "some/model:free")],
        };

        var report = await new BillingIncidents(Billing(stub), timeProvider: _clock).GatherAsync(query, cancellationToken: Token);

        Assert.Equal(["gen-free", "gen-paid"], report.WronglyBilled.Select(answer => answer.Id));
        Assert.True(report.Answers.Single(answer => answer.Id == "gen-searched") is { IsBilledFree: true, HasAddOn: true });
        Assert.Equal([(new DateOnly(2026, 11, 17), 0.02m)], report.Activity.Where(day => day.IsBilledFree).Select(day => (day.Day, day.Cost!.Value)));
    }

    [Theory]
    [InlineData("GET credits")]
    [InlineData("GET key")]
    [InlineData("GET activity")]
    [InlineData("GET generation")]
    public async Task GatherAsync_OneThingFails_NamesItAndGathersTheRest(string call)
    {
        using var stub = Stub();
        stub.On(call, () => StubHandler.Json("""{"error":{"code":500,"message":"Internal Server Error for sk-or-v1-abcdef0123456789"}}""", HttpStatusCode.InternalServerError));

        var report = await new BillingIncidents(Billing(stub), timeProvider: _clock).GatherAsync(Query("gen-paid"), cancellationToken: Token);

        Assert.Single(report.Gaps);
        Assert.DoesNotContain("abcdef", report.ToMarkdown() + report.ToJson(), StringComparison.Ordinal);
        Assert.Equal(call == "GET credits", report.TotalCredits is null);
        Assert.Equal(call == "GET activity", report.Activity.Count == 0);
        Assert.Equal(call == "GET generation", report.Answers.Count == 0);
        Assert.Equal(call == "GET key", report.KeyUsage is null);
        Assert.Contains("## What could not be gathered", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GatherAsync_AnswerIsNotWrittenDown_SaysSo()
    {
        using var stub = Stub();

        var report = await new BillingIncidents(Billing(stub), timeProvider: _clock).GatherAsync(Query("gen-nowhere"), cancellationToken: Token);

        Assert.Equal(["Answer gen-nowhere: OpenRouter has not written it down, or knows no such id."], report.Gaps);
    }

    [Fact]
    public async Task GatherAsync_NoManagementKey_StillTellsTheKey()
    {
        using var stub = Stub();
        var billing = BillingClientKit.Over(stub, options => options.ManagementKey = null, _clock);

        var report = await new BillingIncidents(billing, timeProvider: _clock).GatherAsync(Query(), cancellationToken: Token);

        Assert.Equal(2, report.Gaps.Count);
        Assert.Equal(0.5m, report.KeyUsage);
    }

    [Fact]
    public async Task GatherAsync_Cancelled_Ends()
    {
        using var stub = Stub();
        using var impatience = new CancellationTokenSource();
        stub.On("GET activity", (_, _) =>
        {
            impatience.Cancel();
            return Task.FromCanceled<HttpResponseMessage>(impatience.Token);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new BillingIncidents(Billing(stub), timeProvider: _clock).GatherAsync(Query("gen-paid"), cancellationToken: impatience.Token));
    }

    [Fact]
    public async Task ToJson_Report_ReadsBackAndHoldsNoSecret()
    {
        using var stub = Stub();
        var query = Query("gen-paid", "gen-free") with { What = $"Billed twice with {TestData.ApiKey}.\n# Not a heading" };

        var report = await new BillingIncidents(Billing(stub), timeProvider: _clock).GatherAsync(query, cancellationToken: Token);

        var json = JsonDocument.Parse(report.ToJson()).RootElement;
        Assert.Equal(9.5m, json.GetProperty("balance").GetDecimal());
        Assert.Equal("gen-free", json.GetProperty("wrongly_billed")[0].GetProperty("id").GetString());
        foreach (var text in new[] { report.ToJson(), report.ToMarkdown() })
        {
            Assert.DoesNotContain("sk-or", text, StringComparison.Ordinal);
            Assert.DoesNotContain("secret-agent", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ToMarkdown_NamesThatWouldBreakThePage_AreHarmless()
    {
        using var stub = Stub();
        stub.On("GET generation", """{"data":{"id":"gen-x","model":"a|b\n# c","provider_name":"[click](http://x)<b>","total_cost":0.1,"usage":0.1}}""");
        var query = Query("gen-x") with { What = "Line\n# heading\u202E" };

        var page = (await new BillingIncidents(Billing(stub), timeProvider: _clock).GatherAsync(query, cancellationToken: Token)).ToMarkdown();

        Assert.DoesNotContain("\n# heading", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202E", page, StringComparison.Ordinal);
        Assert.Contains("a\\|b # c", page, StringComparison.Ordinal);
        Assert.Contains("\\[click](http://x)&lt;b>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GatherAsync_ThatCannotBe_Throws()
    {
        using var stub = Stub();
        var incidents = new BillingIncidents(Billing(stub), timeProvider: _clock);

        await Assert.ThrowsAsync<ArgumentException>(() => incidents.GatherAsync(Query() with { To = _clock.GetUtcNow().AddDays(-9) }, cancellationToken: Token));
        await Assert.ThrowsAsync<ArgumentException>(() => incidents.GatherAsync(Query(" "), cancellationToken: Token));
        await Assert.ThrowsAsync<ArgumentException>(() => incidents.GatherAsync(Query([.. Enumerable.Repeat("gen-paid", 201)]), cancellationToken: Token));
        Assert.Empty(stub.Requests);
    }

    private static StubHandler Stub()
    {
        var stub = new StubHandler();
        stub.On("GET credits", TestData.CreditsBody).On("GET key", TestData.KeyBody).On("GET activity", Activity).On("GET generation", (request, _) => Task.FromResult(Generation(request.RequestUri!.Query)));
        return stub;
    }

    private static HttpResponseMessage Generation(string query) => query switch
    {
        "?id=gen-paid" => Answer("gen-paid", "openai/gpt-4o-mini", "0.0042"),
        "?id=gen-free" => Answer("gen-free", "some/model:free", "0.01"),
        "?id=gen-gratis" => Answer("gen-gratis", "some/model:free", "0"),
        "?id=gen-searched" => Answer("gen-searched", "some/model:free", "0.02", ",\"num_search_results\":5"),
        _ => StubHandler.Json("""{"error":{"code":404,"message":"Generation not found"}}""", HttpStatusCode.NotFound),
    };

    private static HttpResponseMessage Answer(string id, string model, string cost, string more = "") => StubHandler.Json(
        """{"data":{"id":"ID","model":"MODEL","provider_name":"P","total_cost":COST,"usage":COST,"created_at":"2026-11-17T10:00:00Z","user_agent":"secret-agent","native_tokens_prompt":12,"native_tokens_completion":34MORE}}"""
            .Replace("ID", id, StringComparison.Ordinal).Replace("MODEL", model, StringComparison.Ordinal).Replace("COST", cost, StringComparison.Ordinal).Replace("MORE", more, StringComparison.Ordinal));

    private IncidentQuery Query(params string[] ids) => new() { From = _clock.GetUtcNow().AddDays(-3), Answers = [.. ids.Select(id => new IncidentAnswer(id))] };

    private OpenRouterBillingClient Billing(StubHandler stub) => BillingClientKit.Over(stub, clock: _clock);

    private sealed class Told(List<IncidentProgress> steps) : IProgress<IncidentProgress>
    {
        public void Report(IncidentProgress value) => steps.Add(value);
    }
}
