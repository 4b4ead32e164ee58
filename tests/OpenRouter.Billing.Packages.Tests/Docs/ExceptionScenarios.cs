using System.Net;
using Npgsql;
using OpenRouter.Billing.Foresight;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Sql;

namespace OpenRouter.Billing.Packages.Tests.Docs;

/// <summary>For each exception of ours one way to it, as an app would go it.</summary>
internal static class ExceptionScenarios
{
    public static IReadOnlyDictionary<string, Func<Task>> All { get; } = new Dictionary<string, Func<Task>>
    {
        [nameof(InsufficientCreditsException)] = () => ChatAsync(sandbox => sandbox.InitialCredits = 0.01m),
        [nameof(InFlightBudgetExceededException)] = InFlightAsync,
        [nameof(KeyLimitExceededException)] = () => ChatAsync(key: new SandboxKeyOptions { Limit = 0.01m }),
        [nameof(BudgetExceededException)] = () => ChatAsync(guard: guard => guard.Budgets.Add(new() { Limit = 0.01m })),
        [nameof(FreeModelQuotaExceededException)] = () => ChatAsync(guard: guard => guard.FreeRequestsPerMinute = 1, body: GuardedSandbox.ChatBody(GuardedSandbox.FreeModel)),
        [nameof(KeyNotAcceptedException)] = KeyNotAcceptedAsync,
        [nameof(RequestTooExpensiveException)] = () => ChatAsync(guard: guard => guard.MaxRequestCost = 0.01m),
        [nameof(RunawayLimitExceededException)] = () => ChatAsync(guard: guard => guard.RunawayLimits.Add(new() { MaxRequests = 1 })),
        [nameof(RunawayBrakeTrippedException)] = () => ChatAsync(guard: guard => (guard.Brake.Action, guard.Brake.MaxRepeats) = (BrakeAction.Trip, 1)),
        [nameof(PolicyRefusedException)] = () => ReserveAsync(TestData.CreditsBody, new() { Policies = [new ClosedShop()] }),
        [nameof(RequestUnreadableException)] = () => ChatAsync(guard: guard => guard.WhenUnreadable = UnreadableBehavior.Refuse, body: "no JSON"),
        [nameof(PaidAddOnException)] = () => ChatAsync(guard: guard => guard.RefusePaidAddOns = true, body: GuardedSandbox.ChatBody(GuardedSandbox.FreeModel, extra: ",\"plugins\":[{\"id\":\"web\"}]")),
        [nameof(BillingCheckUnavailableException)] = () => ReserveAsync("no JSON", new()),
        [nameof(OpenRouterApiException)] = () => BillingClientKit.Answering("""{"error":{"code":500,"message":"No."}}""", HttpStatusCode.InternalServerError).Credits.GetAsync(),
        [nameof(OpenRouterConnectionException)] = () => BillingClientKit.Over(new StubHandler().OnAny(() => throw new HttpRequestException("No route."))).Credits.GetAsync(),
        [nameof(KeyRotationException)] = () => OnSandboxAsync(async billing =>
        {
            var key = await billing.Keys.CreateAsync(new KeyDraft { Name = "CI" });
            await billing.Keys.RotateAsync(key.Key.Hash, (_, _) => throw new InvalidOperationException("The vault is closed."));
        }),
        [nameof(BudgetMoveException)] = () => OnSandboxAsync(billing => billing.Workspaces.MoveBudgetAsync("giver", "taker", BudgetInterval.Monthly, 10m), "PUT /workspaces/taker/budgets/monthly"),
        [nameof(BudgetOrderException)] = () => OnSandboxAsync(billing => billing.Workspaces.Budgets.SetAsync("giver", BudgetInterval.Weekly, 200m)),
        [nameof(AnalyticsQueryException)] = () => OnSandboxAsync(billing => billing.Analytics.QueryAsync(new AnalyticsQuery { Metrics = [] })),
        [nameof(PartialResultException)] = () => OnSandboxAsync(async billing =>
        {
            var query = new AnalyticsQuery { Metrics = [AnalyticsMetric.TotalUsage], Dimensions = [AnalyticsDimension.Model], Limit = 1 };
            (await billing.Analytics.QueryAsync(query)).Total(AnalyticsMetric.TotalUsage);
        }),
        [nameof(CredentialMissingException)] = () => BillingClientKit.Over(new StubHandler(), options => options.ManagementKey = null).Activity.ListAsync(),
        [nameof(SqlLedgerUnavailableException)] = WithoutDatabaseAsync,
        [nameof(WebhookFailedException)] = () =>
            new WebhookAlertSink(new HttpClient(new AnsweringHandler(HttpStatusCode.Gone)), new WebhookSinkOptions { Address = new Uri("https://hooks.example/"), Secret = "whsec_" + Convert.ToBase64String(new byte[32]) })
                .SendAsync(new BillingAlert { Id = "alert_1", Kind = AlertKind.Balance, Severity = AlertSeverity.Warning, Message = "Low.", RaisedAt = DateTimeOffset.UnixEpoch }).AsTask(),
    };

    /// <summary>Asks for a chat three times, on an account and with a guard to taste.</summary>
    private static async Task ChatAsync(Action<OpenRouterSandboxOptions>? sandbox = null, Action<BillingGuardOptions>? guard = null, SandboxKeyOptions? key = null, string? body = null)
    {
        await using var world = await GuardedSandbox.StartAsync(sandbox, options => guard?.Invoke(options.Guard));
        using var http = world.CreateClient(key is null ? world.Sandbox.ApiKey : world.Sandbox.Account.CreateKey(key).Secret);
        for (var i = 0; i < 3; i++)
        {
            using var answer = await world.ChatAsync(body, http);
            await answer.Content.ReadAsByteArrayAsync();
        }
    }

    private static async Task KeyNotAcceptedAsync()
    {
        await using var world = await GuardedSandbox.StartAsync();
        using var http = world.CreateClient(TestData.ApiKey);
        using var answer = await world.ChatAsync(http: http);
    }

    private static async Task InFlightAsync()
    {
        await using var world = await GuardedSandbox.StartAsync();
        world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Answer(402, """{"error":{"code":402,"message":"Busy.","metadata":{"limit_source":"openrouter_in_flight_budget","headers":{"retry-after":"120"}}}}"""));
        using var answer = await world.ChatAsync();
    }

    private static async Task ReserveAsync(string credits, BillingGuardServices services)
    {
        using var http = new HttpClient(new StubHandler().On("GET key", TestData.KeyBody).On("GET credits", credits));
        await new BillingGuard(http, TestData.Options(options => options.MaxRetries = 0), services).ReserveAsync(new BillableRequest { Model = GuardedSandbox.PaidModel });
    }

    /// <summary>An account with two workspaces that have a budget of 100 USD each, and a past.</summary>
    private static async Task OnSandboxAsync(Func<OpenRouterBillingClient, Task> act, string? failing = null)
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync();
        sandbox.Account.SeedHistory(3m, days: 5);
        using var http = new HttpClient();
        var billing = new OpenRouterBillingClient(http, TestData.Options(options => (options.BaseAddress, options.ManagementKey, options.MaxRetries) = (sandbox.BaseAddress, sandbox.ManagementKey, 0)));
        foreach (var name in (string[])["giver", "taker"])
        {
            await billing.Workspaces.CreateAsync(new WorkspaceDraft { Name = name, Slug = name });
            await billing.Workspaces.Budgets.SetAsync(name, BudgetInterval.Monthly, 100m);
        }

        if (failing is not null)
        {
            sandbox.Faults.Add(failing, SandboxFault.Answer(400, """{"error":{"code":400,"message":"no"}}"""));
        }

        await act(billing);
    }

    private static async Task WithoutDatabaseAsync()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1");
        await using var ledger = new SqlBillingLedger(nowhere, SqlDialect.PostgreSql);
        await ledger.PeekAsync([LimitClaim.InRequests("a", BillingCause.Policy, 1, DateTimeOffset.UnixEpoch)]);
    }

    private sealed class ClosedShop : IBillingPolicy
    {
        public void Apply(BillingPolicyContext context) => context.Refuse("Come back on Monday.");
    }

    private sealed class AnsweringHandler(HttpStatusCode status) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(new HttpResponseMessage(status));
    }
}
