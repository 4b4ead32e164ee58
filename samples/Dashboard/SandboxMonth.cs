using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OpenRouter.Billing.Foresight;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace Dashboard;

/// <summary>A month in the life of an app, two hours per frame: busy days, quiet weekends, a loop that runs away, and credits that run low.</summary>
internal sealed class SandboxMonth : IWatchedAccount, IAsyncDisposable
{
    private const int FramesPerDay = 12;
    private const int LoopOnDay = 3;

    private static readonly TimeSpan Step = TimeSpan.FromDays(1) / FramesPerDay;
    private static readonly string[] Models = ["openai/gpt-5.2", "openai/gpt-4o-mini", "anthropic/claude-haiku-4.5", "meta-llama/llama-3.3-70b-instruct:free", "google/gemini-2.5-flash"];

    private readonly OpenRouterSandbox _sandbox;
    private readonly SandboxKey _batch;
    private readonly SimulatedClock _clock;
    private readonly int _days;
    private int _frame;
    private int _sent;

    private SandboxMonth(OpenRouterSandbox sandbox, SandboxKey batch, SimulatedClock clock, int days)
    {
        (_sandbox, _batch, _clock, _days) = (sandbox, batch, clock, days);
        Account = Account.Connect(sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress, clock, Limit);
    }

    public Account Account { get; }

    public string Title => string.Create(CultureInfo.InvariantCulture, $"Sandbox, day {Math.Min(_days, 1 + ((_frame - 1) / FramesPerDay))} of {_days}");

    public int? Frames => _days * FramesPerDay;

    public int FramesPerPage => FramesPerDay;

    /// <summary>The last answers, for a report.</summary>
    public IReadOnlyList<IncidentAnswer> LastAnswers => [.. _sandbox.Account.Generations.TakeLast(12).Select(answer => new IncidentAnswer(answer.Id))];

    public static async Task<SandboxMonth> StartAsync(int days, CancellationToken cancellationToken)
    {
        var clock = new SimulatedClock();
        var sandbox = await OpenRouterSandbox.StartAsync(
            options =>
            {
                options.TimeProvider = clock;
                options.InitialCredits = 12m;
                options.OutputTokens = 2_000;
                options.GenerationDelay = TimeSpan.Zero;
            },
            cancellationToken);
        sandbox.Account.SeedHistory(dailyUsd: 1.2m, days: 8);
        var batch = sandbox.Account.CreateKey(new SandboxKeyOptions { Name = "nightly batch", Limit = 10m, LimitReset = "monthly" });
        return new SandboxMonth(sandbox, batch, clock, days);
    }

    public async Task<IReadOnlyList<string>?> NextAsync(CancellationToken cancellationToken)
    {
        if (_frame >= Frames)
        {
            return null;
        }

        _clock.Advance(Step);
        _frame++;
        var happened = new List<string>();
        var now = _clock.GetUtcNow();
        var isQuiet = now.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday || now.Hour is < 7 or > 20;
        for (var turn = 0; turn < (isQuiet ? 1 : 8); turn++)
        {
            await SendAsync(Models[_sent % Models.Length], $"Question {_sent}", happened, cancellationToken);
            _sent++;
        }

        PlayBatch(now);
        await PlayLoopAsync(happened, cancellationToken);
        await BuyAsync(happened, cancellationToken);
        return [.. happened.Distinct()];
    }

    public async ValueTask DisposeAsync()
    {
        await Account.DisposeAsync();
        await _sandbox.DisposeAsync();
    }

    private static void Limit(BillingGuardOptions guard)
    {
        guard.MinimumBalance = 0.50m;
        guard.Budgets.Add(new() { Per = Spender.Project, Limit = 0.90m, Window = BudgetWindow.Daily });
        guard.Brake.Action = BrakeAction.Trip;
        guard.Brake.MaxRepeats = 20;
    }

    private async Task SendAsync(string model, string question, List<string> happened, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["model"] = model,
            ["max_tokens"] = 2_000,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = question }),
        };
        using var scope = BillingScope.Begin(new BillingScope { Project = _sent % 3 == 0 ? "search" : "support" });
        try
        {
            using var response = await Account.Http.PostAsJsonAsync("chat/completions", body, cancellationToken);
            await response.Content.ReadAsStringAsync(cancellationToken);
        }
        catch (BillingGuardException refusal)
        {
            happened.Add($"{refusal.GetType().Name}: {refusal.Verdict.Remedy}");
        }
    }

    // Another program of the same account, with a key of its own.
    private void PlayBatch(DateTimeOffset now)
    {
        if (now.Hour is >= 2 and < 4)
        {
            _sandbox.Account.Charge(0.31m, _batch);
        }
    }

    private async Task PlayLoopAsync(List<string> happened, CancellationToken cancellationToken)
    {
        if (_frame != (LoopOnDay * FramesPerDay) - 4)
        {
            return;
        }

        for (var turn = 0; turn < 40; turn++)
        {
            await SendAsync("openai/gpt-4o-mini", "The same question again", happened, cancellationToken);
        }

        happened.AddRange(Account.Brake.Trips.Select(trip => string.Create(CultureInfo.InvariantCulture, $"The brake tripped: {trip.Used:0} times the same request.")));
    }

    // What a person would do on the credits page when the advice says that it is time.
    private async Task BuyAsync(List<string> happened, CancellationToken cancellationToken)
    {
        var advice = ReloadAdvisor.Advise(await Account.Forecaster.ForecastAsync(cancellationToken));
        if (advice is not { IsDue: true, Amount: { } amount })
        {
            return;
        }

        var quote = Account.Purchases.QuoteCheapest(amount);
        var purchase = new Purchase { Id = string.Create(CultureInfo.InvariantCulture, $"reload at frame {_frame}"), Credits = amount, PaidAt = _clock.GetUtcNow() };
        var before = await Account.Billing.Credits.GetAsync(cancellationToken);
        _sandbox.Account.AddCredits(amount);
        await Account.Purchases.RecordAsync(purchase, cancellationToken);
        var arrival = await Account.Purchases.WaitForCreditsAsync(new ExpectedCredits { Credits = amount, CreditsBefore = before.TotalCredits }, cancellationToken: cancellationToken);
        happened.Add(string.Create(CultureInfo.InvariantCulture, $"Reloaded {amount:0.00} USD for {quote.Total:0.00} USD, at a balance below {advice.Threshold:0.00} USD: {arrival.Stage}."));
    }
}
