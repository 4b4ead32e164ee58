using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>The guard says before sending what the server says after: the same cause, in any state of an account.</summary>
public sealed class PredictionTests
{
    private const int States = 1_500;

    private static readonly string[] Scopes = ["workspace_default_member", "member", "workspace_default_key", "api_key", "workspace"];
    private static readonly string?[] Resets = [null, "daily", "weekly", "monthly"];

    // Without prices for cache writes, which the guard allows for and the sandbox does not charge.
    private static readonly string[] Paid = ["openai/gpt-4o-mini", "openai/gpt-5.2", "openai/gpt-5-nano", "deepseek/deepseek-chat", "meta-llama/llama-3.3-70b-instruct"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Evaluate_AnyStateOfAnAccount_IsWhatTheServerSays()
    {
        await using var world = await GuardedSandbox.StartAsync(options: options => options.Guard.Pricing = PricingMode.Catalogue);
        using var http = new HttpClient();
        var random = new Random(20261120);
        var (agreed, disagreed) = (new SortedDictionary<string, int>(StringComparer.Ordinal), new List<string>());
        for (var state = 0; state < States; state++)
        {
            var (body, key, management, told) = Prepare(world.Sandbox, random);
            var options = new OpenRouterBillingOptions { ApiKey = key.Secret, ManagementKey = management.Secret, BaseAddress = world.Sandbox.BaseAddress };
            var guard = new BillingGuard(http, options, new() { TimeProvider = world.Clock, TokenCounter = new Exact(world.Sandbox.Quote(body).PromptTokens) });

            var predicted = (await guard.EvaluateAsync(RequestReader.Read(Encoding.UTF8.GetBytes(body), key.Secret), Cancellation)).Refusal?.Cause;
            var answered = await AskAsync(world.Sandbox, http, body, key.Secret, world.Clock.GetUtcNow());

            var answer = $"{answered.Cause?.ToString() ?? "admitted"} {answered.Status}";
            agreed[answer] = agreed.GetValueOrDefault(answer) + 1;
            if (predicted != answered.Cause)
            {
                disagreed.Add($"{state}: {predicted?.ToString() ?? "admitted"} is predicted, {answer} is answered: {told} {body[..100]}");
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", agreed.Select(cause => $"{cause.Key} {cause.Value}")));
        Assert.True(disagreed.Count == 0, $"{disagreed.Count} of {States}: {string.Join('\n', disagreed.Take(20))}");
        Assert.All(
            (string[])["AccountCredits 402", "NeverFunded 402", "KeyLimit 402", "KeyLimit 403", "GuardrailBudget 403", "MemberBudget 403", "WorkspaceBudget 403", "FreeRequestsPerDay 429", "Permission 403"],
            answer => Assert.True(agreed.GetValueOrDefault(answer) >= 10, $"{answer} was hardly put to the test."));
        Assert.True(agreed["admitted 200"] >= States / 10);
    }

    [Fact]
    public async Task Evaluate_AnyNumberOfFreeRequestsInTheMinute_IsWhatTheServerSays()
    {
        const int Accounts = 60;
        const int PerMinute = 20;
        await using var world = await GuardedSandbox.StartAsync();
        using var http = new HttpClient();
        var random = new Random(20261128);
        var full = 0;
        for (var state = 0; state < Accounts; state++)
        {
            var (guard, options) = NewAccount(world, http, 100);
            using var guarded = Guarded(guard, options);
            var sent = random.Next(2) == 0 ? PerMinute : random.Next(PerMinute);
            for (var count = 0; count < sent; count++)
            {
                Assert.Null((await AskAsync(world.Sandbox, guarded, GuardedSandbox.ChatBody(GuardedSandbox.FreeModel), options.ApiKey!, world.Clock.GetUtcNow())).Cause);
            }

            // Within the minute, which is the calendar's at the server and slides in the guard.
            await world.AdvanceAsync(TimeSpan.FromSeconds(random.Next(20)));
            var body = Body(random.Next(4) == 0 ? Paid[0] : GuardedSandbox.FreeModel, random);
            var predicted = (await guard.EvaluateAsync(RequestReader.Read(Encoding.UTF8.GetBytes(body), options.ApiKey), Cancellation)).Refusal?.Cause;

            Assert.Equal(predicted, (await AskAsync(world.Sandbox, http, body, options.ApiKey!, world.Clock.GetUtcNow())).Cause);
            full += predicted == BillingCause.FreeRequestsPerMinute ? 1 : 0;
            await world.AdvanceAsync(NextMinute(world.Clock.GetUtcNow()) - world.Clock.GetUtcNow());
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{Accounts} states, the minute full in {full}");
        Assert.InRange(full, 10, Accounts - 10);
    }

    // What running requests may hold is not told before the first refusal. From then on it is known, for as long as was said.
    [Fact]
    public async Task Evaluate_RunningRequestsHoldWhatTheyMay_IsWhatTheServerSaysOnceItHasSaidSo()
    {
        const int Accounts = 20;
        const int Requests = 20;
        await using var world = await GuardedSandbox.StartAsync(sandbox => sandbox.InFlightShare = 0.5m);
        using var http = new HttpClient();
        var random = new Random(20261129);
        var refused = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var number = 0; number < Accounts; number++)
        {
            var gate = world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Gate(), when: request => request.Body.Contains("hold me", StringComparison.Ordinal));
            // Half of the money is just what this one holds, so that nothing else may run beside it.
            var running = $$"""{"model":"{{Paid[0]}}","max_tokens":4000,"messages":[{"role":"user","content":"hold me {{new string('a', 16_000)}}"}]}""";
            var (guard, options) = NewAccount(world, http, 2 * world.Sandbox.Quote(running).MaximumCost);
            var answer = world.ChatAsync(running, world.CreateClient(options.ApiKey!));
            await gate.WaitUntilHeldAsync(1, Cancellation);
            using var guarded = Guarded(guard, options);
            var said = await Assert.ThrowsAnyAsync<BillingGuardException>(() => AskAsync(world.Sandbox, guarded, Body(Paid[0], random, maxTokens: 1_000), options.ApiKey!, world.Clock.GetUtcNow()));
            Assert.Equal((BillingCause.InFlightBudget, BillingVerdictOrigin.Answered), (said.Verdict.Cause, said.Verdict.Origin));

            for (var request = 0; request < Requests; request++)
            {
                await world.AdvanceAsync(TimeSpan.FromSeconds(random.Next(5)));
                var body = Body(random.Next(4) == 0 ? GuardedSandbox.FreeModel : Paid[0], random, maxTokens: 1_000);
                var predicted = (await guard.EvaluateAsync(RequestReader.Read(Encoding.UTF8.GetBytes(body), options.ApiKey), Cancellation)).Refusal?.Cause;
                var cause = (await AskAsync(world.Sandbox, http, body, options.ApiKey!, world.Clock.GetUtcNow())).Cause;

                Assert.Equal(cause, predicted);
                refused[cause?.ToString() ?? "admitted"] = refused.GetValueOrDefault(cause?.ToString() ?? "admitted") + 1;
            }

            gate.Release();
            using var answered = await answer;
            Assert.True(answered.IsSuccessStatusCode);
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", refused.Select(cause => $"{cause.Key} {cause.Value}")));
        Assert.InRange(refused["InFlightBudget"], Accounts * Requests / 2, Accounts * Requests);
    }

    /// <summary>The kinds of states in which they disagree, so that no further one joins them unnoticed.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="expected">What the guard predicts.</param>
    /// <param name="said">What the server says.</param>
    [Theory]
    [InlineData("a budget has room, but less than the request may cost", BillingCause.GuardrailBudget, null)]
    [InlineData("running requests may hold next to nothing", null, BillingCause.AccountCredits)]
    [InlineData("a provider is busy", null, BillingCause.ProviderRateLimit)]
    [InlineData("the minute was full, and a new one began", BillingCause.FreeRequestsPerMinute, null)]
    public async Task Evaluate_StateOfAKnownKind_IsWhereTheyDisagree(string kind, BillingCause? expected, BillingCause? said)
    {
        await using var world = await GuardedSandbox.StartAsync(
            sandbox => sandbox.InFlightShare = kind.StartsWith("running", StringComparison.Ordinal) ? 0.000_000_1m : null,
            options => options.Guard.Pricing = PricingMode.Catalogue);
        using var http = new HttpClient();
        var body = GuardedSandbox.ChatBody(kind.Contains("minute", StringComparison.Ordinal) ? GuardedSandbox.FreeModel : GuardedSandbox.PaidModel, maxTokens: 4000);
        var key = world.Sandbox.Account.CreateKey(new SandboxKeyOptions { Budgets = { new SandboxBudget { Scope = "api_key", Limit = kind.StartsWith("a budget", StringComparison.Ordinal) ? world.Sandbox.Quote(body).MaximumCost / 2 : 1 } } });
        if (kind.StartsWith("the minute", StringComparison.Ordinal))
        {
            world.Clock.MoveTo(NextMinute(world.Clock.GetUtcNow()).AddSeconds(55));
            using var client = world.CreateClient(key.Secret);
            for (var sent = 0; sent < 20; sent++)
            {
                (await world.ChatAsync(body, client)).Dispose();
            }

            await world.AdvanceAsync(TimeSpan.FromSeconds(10));
        }
        else if (kind.StartsWith("a provider", StringComparison.Ordinal))
        {
            world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Answer(429, """{"error":{"code":429,"message":"Provider returned error","metadata":{"limit_source":"upstream_provider_shared_pool"}}}"""));
        }

        // OpenRouter lets a budget be overspent by its last request, and the guard does not; it does not tell how much may be in
        // flight, nor which provider is busy; and nobody knows whether its minute slides, which is the safe side.
        Assert.Equal(expected, (await world.Guard.EvaluateAsync(RequestReader.Read(Encoding.UTF8.GetBytes(body), key.Secret), Cancellation)).Refusal?.Cause);
        Assert.Equal(said, (await AskAsync(world.Sandbox, http, body, key.Secret, world.Clock.GetUtcNow())).Cause);
    }

    private static DateTimeOffset NextMinute(DateTimeOffset now) => now.AddTicks(TimeSpan.TicksPerMinute - (now.Ticks % TimeSpan.TicksPerMinute));

    private static (BillingGuard Guard, OpenRouterBillingOptions Options) NewAccount(GuardedSandbox world, HttpClient http, decimal credits)
    {
        var account = world.Sandbox.CreateAccount(credits);
        var options = new OpenRouterBillingOptions
        {
            ApiKey = account.CreateKey().Secret,
            ManagementKey = account.CreateKey(new SandboxKeyOptions { IsManagementKey = true }).Secret,
            BaseAddress = world.Sandbox.BaseAddress,
        };
        return (new BillingGuard(http, options, new() { TimeProvider = world.Clock }), options);
    }

    private static HttpClient Guarded(BillingGuard guard, OpenRouterBillingOptions options) => new(new BillingGuardHandler(guard, options) { InnerHandler = new SocketsHttpHandler() });

    private static (string Body, SandboxKey Key, SandboxKey Management, string Told) Prepare(OpenRouterSandbox sandbox, Random random)
    {
        var isFree = random.Next(3) == 0;
        var body = Body(isFree ? GuardedSandbox.FreeModel : Paid[random.Next(Paid.Length)], random);
        var cost = sandbox.Quote(body).MaximumCost;
        var unit = Math.Max(cost, 0.001m);
        var isFunded = random.Next(12) > 0;
        var account = sandbox.CreateAccount(isFunded ? 1_000 : 0);
        var told = new StringBuilder();
        var options = new SandboxKeyOptions { IsManagementKey = random.Next(25) == 0 };
        var capLeft = random.Next(3) == 0 ? Left(random, cost, unit) : (decimal?)null;
        if (capLeft is { } left)
        {
            (options.Limit, options.LimitReset) = (1 + Math.Max(0, left), Resets[random.Next(Resets.Length)]);
        }

        // What the key has spent leaves each layer the room that is meant for it.
        var spent = 1 + Math.Max(0, -(capLeft ?? 0));
        AddLayers(options, random, spent, cost, unit, told);
        var key = account.CreateKey(options);
        account.Charge(capLeft is null && options.Budgets.Count == 0 ? 0 : spent, key);
        if (isFunded)
        {
            account.Charge(Math.Max(0, account.Balance - Left(random, cost, unit)));
        }

        account.SetFreeRequestsToday(isFunded ? random.Next(4) switch { 0 => 1000, 1 => 999, 2 => 1001, _ => 0 } : random.Next(4) switch { 0 => 50, 1 => 49, 2 => 51, _ => 0 });
        told.Append(CultureInfo.InvariantCulture, $"cost {cost}, balance {account.Balance}, cap left {capLeft?.ToString(CultureInfo.InvariantCulture) ?? "none"}, free {account.FreeRequestsToday}, management {options.IsManagementKey}");
        return (body, key, account.CreateKey(new SandboxKeyOptions { IsManagementKey = true }), told.ToString());
    }

    // A layer refuses at the server only once it is spent, so it is spent or has room enough here: see the README on budgets.
    private static void AddLayers(SandboxKeyOptions options, Random random, decimal spent, decimal cost, decimal unit, StringBuilder told)
    {
        for (var layer = random.Next(3); layer > 0; layer--)
        {
            var left = random.Next(3) == 0 ? 0 : cost + (unit * random.Next(1, 5));
            var scope = Scopes[random.Next(Scopes.Length)];
            options.Budgets.Add(new SandboxBudget { Scope = scope, Limit = spent + left, ResetInterval = Resets[random.Next(Resets.Length)] });
            told.Append(CultureInfo.InvariantCulture, $"{scope} left {left}, ");
        }
    }

    // Spent, overdrawn, a billionth short, to the point, or plenty.
    private static decimal Left(Random random, decimal cost, decimal unit) => random.Next(6) switch
    {
        0 => 0,
        1 => -unit,
        2 => cost - 0.000000001m,
        3 => cost,
        4 => decimal.Round(cost / 2, 9),
        _ => cost + (unit * 10),
    };

    private static string Body(string model, Random random, int maxTokens = 8_000) =>
        $$"""{"model":"{{model}}","max_tokens":{{random.Next(1, maxTokens)}},"messages":[{"role":"user","content":"{{new string('a', 4 * random.Next(1, 2000))}}"}]}""";

    private static async Task<(BillingCause? Cause, int Status)> AskAsync(OpenRouterSandbox sandbox, HttpClient http, string body, string key, DateTimeOffset now)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(sandbox.BaseAddress, "chat/completions")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await http.SendAsync(request, Cancellation);
        var cause = response.IsSuccessStatusCode ? (BillingCause?)null
            : FailureClassifier.Classify((int)response.StatusCode, FailureHeaders.From(FailureHeaders.CopyFrom(response)), await response.Content.ReadAsByteArrayAsync(Cancellation), now)!.Cause;
        return (cause, (int)response.StatusCode);
    }

    private sealed class Exact(int tokens) : ITokenCounter
    {
        public long CountAtMost(PromptSize prompt, string model) => tokens;
    }
}
