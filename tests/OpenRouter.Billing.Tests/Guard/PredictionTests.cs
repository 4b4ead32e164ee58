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

            if (predicted == answered)
            {
                var cause = answered?.ToString() ?? "admitted";
                agreed[cause] = agreed.GetValueOrDefault(cause) + 1;
            }
            else
            {
                disagreed.Add($"{state}: {predicted?.ToString() ?? "admitted"} is predicted, {answered?.ToString() ?? "admitted"} is answered: {told} {body[..100]}");
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", agreed.Select(cause => $"{cause.Key} {cause.Value}")));
        Assert.True(disagreed.Count == 0, $"{disagreed.Count} of {States}: {string.Join('\n', disagreed.Take(20))}");
        Assert.All(
            [BillingCause.AccountCredits, BillingCause.NeverFunded, BillingCause.KeyLimit, BillingCause.GuardrailBudget, BillingCause.MemberBudget, BillingCause.WorkspaceBudget, BillingCause.FreeRequestsPerDay, BillingCause.Permission],
            cause => Assert.True(agreed.GetValueOrDefault(cause.ToString()) >= 10, $"{cause} was hardly put to the test."));
        Assert.True(agreed["admitted"] >= States / 10);
    }

    [Fact]
    public async Task Send_FreeMinuteIsFull_IsWhatTheServerSays()
    {
        await using var world = await GuardedSandbox.StartAsync();
        using var http = new HttpClient();
        var body = GuardedSandbox.ChatBody(GuardedSandbox.FreeModel);
        for (var sent = 0; sent < 20; sent++)
        {
            (await world.ChatAsync(body)).Dispose();
        }

        var predicted = (await world.Guard.EvaluateAsync(new() { Model = GuardedSandbox.FreeModel }, Cancellation)).Refusal?.Cause;

        Assert.Equal(BillingCause.FreeRequestsPerMinute, predicted);
        Assert.Equal(predicted, await AskAsync(world.Sandbox, http, body, world.Sandbox.ApiKey, world.Clock.GetUtcNow()));
    }

    /// <summary>The two kinds of states in which they disagree, so that no third one joins them unnoticed.</summary>
    /// <param name="isRoomForLess">Whether a budget has room, but less than the request may cost; else whether running requests may hold next to nothing.</param>
    /// <param name="expected">What the guard predicts.</param>
    /// <param name="said">What the server says.</param>
    [Theory]
    [InlineData(true, BillingCause.GuardrailBudget, null)]
    [InlineData(false, null, BillingCause.AccountCredits)]
    public async Task Evaluate_BudgetTooSmallOrInFlightShareUnknown_IsWhereTheyDisagree(bool isRoomForLess, BillingCause? expected, BillingCause? said)
    {
        await using var world = await GuardedSandbox.StartAsync(
            sandbox => sandbox.InFlightShare = isRoomForLess ? null : 0.000_000_1m,
            options => options.Guard.Pricing = PricingMode.Catalogue);
        using var http = new HttpClient();
        var body = GuardedSandbox.ChatBody(maxTokens: 4000);
        var key = world.Sandbox.Account.CreateKey(new SandboxKeyOptions { Budgets = { new SandboxBudget { Scope = "api_key", Limit = isRoomForLess ? world.Sandbox.Quote(body).MaximumCost / 2 : 1 } } });

        // OpenRouter lets a budget be overspent by its last request, and the guard does not; and it does not tell how much may be in flight.
        Assert.Equal(expected, (await world.Guard.EvaluateAsync(RequestReader.Read(Encoding.UTF8.GetBytes(body), key.Secret), Cancellation)).Refusal?.Cause);
        Assert.Equal(said, await AskAsync(world.Sandbox, http, body, key.Secret, world.Clock.GetUtcNow()));
    }

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
            (options.Limit, options.LimitReset) = (Math.Max(0, left) + 1, Resets[random.Next(Resets.Length)]);
        }

        var layersLeft = AddLayers(options, random, cost, unit, told);
        var key = account.CreateKey(options);
        // What the key has spent is what it takes to leave each layer the room that was meant for it; all have room for 1 USD more.
        account.Charge(Math.Max(0, capLeft is { } cap ? options.Limit!.Value - cap : layersLeft is null ? 0 : 1), key);
        if (isFunded)
        {
            account.Charge(Math.Max(0, account.Balance - Left(random, cost, unit)));
        }

        account.SetFreeRequestsToday(isFunded ? random.Next(4) switch { 0 => 1000, 1 => 999, 2 => 1001, _ => 0 } : random.Next(4) switch { 0 => 50, 1 => 49, 2 => 51, _ => 0 });
        told.Append(CultureInfo.InvariantCulture, $"cost {cost}, balance {account.Balance}, cap left {capLeft?.ToString(CultureInfo.InvariantCulture) ?? "none"}, free {account.FreeRequestsToday}, management {options.IsManagementKey}");
        return (body, key, account.CreateKey(new SandboxKeyOptions { IsManagementKey = true }), told.ToString());
    }

    // A layer refuses at the server only once it is spent, so it is spent or has room enough here: see the README on budgets.
    private static decimal? AddLayers(SandboxKeyOptions options, Random random, decimal cost, decimal unit, StringBuilder told)
    {
        decimal? least = null;
        for (var layer = random.Next(3); layer > 0 && options.Limit is null; layer--)
        {
            var left = random.Next(3) == 0 ? 0 : cost + (unit * random.Next(1, 5));
            var scope = Scopes[random.Next(Scopes.Length)];
            options.Budgets.Add(new SandboxBudget { Scope = scope, Limit = 1 + left, ResetInterval = Resets[random.Next(Resets.Length)] });
            told.Append(CultureInfo.InvariantCulture, $"{scope} left {left}, ");
            least = Math.Min(least ?? left, left);
        }

        return least;
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

    private static string Body(string model, Random random) =>
        $$"""{"model":"{{model}}","max_tokens":{{random.Next(1, 8000)}},"messages":[{"role":"user","content":"{{new string('a', 4 * random.Next(1, 2000))}}"}]}""";

    private static async Task<BillingCause?> AskAsync(OpenRouterSandbox sandbox, HttpClient http, string body, string key, DateTimeOffset now)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(sandbox.BaseAddress, "chat/completions")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await http.SendAsync(request, Cancellation);
        return response.IsSuccessStatusCode ? null
            : FailureClassifier.Classify((int)response.StatusCode, FailureHeaders.From(FailureHeaders.CopyFrom(response)), await response.Content.ReadAsByteArrayAsync(Cancellation), now)!.Cause;
    }

    private sealed class Exact(int tokens) : ITokenCounter
    {
        public long CountAtMost(PromptSize prompt, string model) => tokens;
    }
}
