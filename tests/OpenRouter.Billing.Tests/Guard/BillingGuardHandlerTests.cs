using System.Net;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>The guard on a real socket, against a server that bills and refuses by its own rules.</summary>
public sealed class BillingGuardHandlerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendAsync_BalanceCoversTheRequest_PassesAndIsBilledAsUsual()
    {
        await using var world = await GuardedSandbox.StartAsync();

        using var response = await world.ChatAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(world.Sandbox.Quote(GuardedSandbox.ChatBody()).Cost, world.Sandbox.Account.TotalUsage);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendAsync_AnswerIsRead_BooksExactlyWhatTheServerBilled(bool stream)
    {
        await using var world = await GuardedSandbox.StartAsync(options: options => options.Guard.PaidRequestClaim = 1);

        using var response = await world.ChatAsync(GuardedSandbox.ChatBody(stream: stream));
        await response.Content.ReadAsStringAsync(Cancellation);

        var balance = await ReadLimitAsync(world, BillingCause.AccountCredits);
        Assert.True(world.Sandbox.Account.TotalUsage > 0);
        Assert.Equal(world.Sandbox.Account.TotalUsage, balance.Used);
        Assert.Equal(0, balance.Held);
    }

    [Fact]
    public async Task SendAsync_200AtOnceWithMoneyFor50_50GoOutAnd150AreRefused()
    {
        var cost = 0m;
        await using var world = await GuardedSandbox.StartAsync();
        cost = world.Sandbox.Quote(GuardedSandbox.ChatBody()).MaximumCost;
        world.Options.Guard.PaidRequestClaim = cost;
        world.Sandbox.Account.Charge(world.Sandbox.Account.Balance - (50 * cost));
        var gate = world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Gate());

        var requests = Enumerable.Range(0, 200).Select(_ => Task.Run(() => world.ChatAsync())).ToArray();
        await gate.WaitUntilHeldAsync(50, Cancellation);
        while (requests.Count(request => request.IsFaulted) < 150)
        {
            await Task.WhenAny(requests.Where(request => !request.IsCompleted));
        }

        gate.Release();
        var refusals = new List<InsufficientCreditsException>();
        foreach (var request in requests)
        {
            try
            {
                using var response = await request;
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }
            catch (InsufficientCreditsException refusal)
            {
                refusals.Add(refusal);
            }
        }

        Assert.Equal(150, refusals.Count);
        Assert.Equal(50, world.Chats);
        Assert.Equal(0, world.Sandbox.Account.Balance);
        Assert.Equal(0, world.Sandbox.Account.LowestBalance);
        Assert.Equal(1, world.Sandbox.Requests.Count(GuardedSandbox.CreditsRoute));
        Assert.Equal(1, world.Sandbox.Requests.Count(GuardedSandbox.KeyRoute));
        Assert.All(refusals, refusal => Assert.Equal(cost, refusal.Required));
        Assert.All(refusals, refusal => Assert.Equal(0, refusal.Remaining));
    }

    [Fact]
    public async Task SendAsync_Refused_OpensNoConnectionAndSendsNothing()
    {
        await using var world = await GuardedSandbox.StartAsync(sandbox => sandbox.InitialCredits = 0.01m);
        await world.Guard.EvaluateAsync(new BillableRequest { Model = GuardedSandbox.PaidModel }, Cancellation);
        var connections = world.Sandbox.Requests.Connections;
        var requests = world.Sandbox.Requests.Total;

        await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.ChatAsync());

        Assert.Equal(connections, world.Sandbox.Requests.Connections);
        Assert.Equal(requests, world.Sandbox.Requests.Total);
    }

    [Fact]
    public async Task SendAsync_BalanceTooSmall_SaysByHowMuch()
    {
        await using var world = await GuardedSandbox.StartAsync(
            sandbox => sandbox.InitialCredits = 1.25m,
            options =>
            {
                options.Guard.MinimumBalance = 1;
                options.Guard.PaidRequestClaim = 0.75m;
            });

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.ChatAsync());

        Assert.Equal(0.25m, refusal.Remaining);
        Assert.Equal(0.75m, refusal.Required);
        Assert.Equal(0.50m, refusal.Shortfall);
        Assert.Null(refusal.OpensAt);
        Assert.Equal(GuardedSandbox.PaidModel, refusal.Model);
        Assert.Equal(world.Clock.GetUtcNow(), refusal.CheckedAt);
        Assert.Contains("0.75 USD", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("0.25 USD", refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.Verdict.IsRetryable);
    }

    [Theory]
    [InlineData(GuardedSandbox.PaidModel)]
    [InlineData(GuardedSandbox.FreeModel)]
    public async Task SendAsync_BalanceIsNegative_RefusesFreeModelsToo(string model)
    {
        await using var world = await GuardedSandbox.StartAsync(sandbox => sandbox.InitialCredits = 1);
        world.Sandbox.Account.Charge(1.02m);

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.ChatAsync(GuardedSandbox.ChatBody(model)));

        Assert.Equal(-0.02m, refusal.Remaining);
    }

    [Fact]
    public async Task SendAsync_KeyCapTooSmall_NamesTheResetOfTheCap()
    {
        await using var world = await GuardedSandbox.StartAsync();
        var key = world.Sandbox.Account.CreateKey(new SandboxKeyOptions { Limit = 0.03m, LimitReset = "weekly" });

        var refusal = await Assert.ThrowsAsync<KeyLimitExceededException>(() => world.ChatAsync(http: world.CreateClient(key.Secret)));

        Assert.Equal(0.03m, refusal.Remaining);
        Assert.Equal(0.05m, refusal.Required);
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero), refusal.ResetsAt);
    }

    [Theory]
    [InlineData("member", BillingCause.MemberBudget)]
    [InlineData("workspace_default_member", BillingCause.MemberBudget)]
    [InlineData("api_key", BillingCause.GuardrailBudget)]
    [InlineData("workspace_default_key", BillingCause.GuardrailBudget)]
    [InlineData("workspace", BillingCause.WorkspaceBudget)]
    public async Task SendAsync_BudgetLayerSpent_RefusesFreeRequestsTooAndNamesTheLayer(string scope, BillingCause cause)
    {
        await using var world = await GuardedSandbox.StartAsync();
        var key = world.Sandbox.Account.CreateKey(new SandboxKeyOptions { Budgets = { new SandboxBudget { Scope = scope, Limit = 1, ResetInterval = "monthly" } } });
        world.Sandbox.Account.Charge(1, key);

        var refusal = await Assert.ThrowsAsync<BudgetExceededException>(
            () => world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel), world.CreateClient(key.Secret)));

        Assert.Equal(cause, refusal.Verdict.Cause);
        Assert.Equal(0, refusal.Remaining);
        Assert.Equal(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero), refusal.ResetsAt);
        Assert.Equal(0, world.Chats);
    }

    [Fact]
    public async Task SendAsync_WorkspaceBudgetSharedByTwoKeys_CountsTheirRequestsTogether()
    {
        await using var world = await GuardedSandbox.StartAsync(options: options => options.Guard.PaidRequestClaim = 0.6m);
        world.Sandbox.Account.AddBudget(new SandboxBudget { Scope = "workspace", Limit = 1, ResetInterval = "daily" });
        var first = world.Sandbox.Account.CreateKey();
        var second = world.Sandbox.Account.CreateKey();
        var gate = world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Gate());
        var running = world.ChatAsync(http: world.CreateClient(first.Secret));
        await gate.WaitUntilHeldAsync(1, Cancellation);

        var refusal = await Assert.ThrowsAsync<BudgetExceededException>(() => world.ChatAsync(http: world.CreateClient(second.Secret)));

        Assert.Equal(0.4m, refusal.Remaining);
        Assert.True(refusal.Verdict.IsRetryable);
        gate.Release();
        (await running).Dispose();
    }

    [Fact]
    public async Task SendAsync_FreeRequestsOfTheDayUsedUp_OpensAtMidnight()
    {
        await using var world = await GuardedSandbox.StartAsync(sandbox => sandbox.InitialCredits = 5);
        world.Sandbox.Account.SetFreeRequestsToday(50);

        var refusal = await Assert.ThrowsAsync<FreeModelQuotaExceededException>(() => world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel)));

        Assert.Equal(BillingCause.FreeRequestsPerDay, refusal.Verdict.Cause);
        Assert.Equal(new DateTimeOffset(2026, 11, 19, 0, 0, 0, TimeSpan.Zero), refusal.ResetsAt);
        Assert.Equal(TimeSpan.FromHours(13.5), refusal.RetryAfter);
    }

    [Fact]
    public async Task SendAsync_TheCounterIsLate_OwnRequestsOfTheDayStillCount()
    {
        await using var world = await GuardedSandbox.StartAsync(sandbox =>
        {
            sandbox.InitialCredits = 5;
            sandbox.FreeCounterLag = TimeSpan.FromMinutes(30);
        });
        for (var sent = 0; sent < 50; sent++)
        {
            (await world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel))).Dispose();
            await world.AdvanceAsync(TimeSpan.FromSeconds(10));
        }

        await Assert.ThrowsAsync<FreeModelQuotaExceededException>(() => world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel)));

        Assert.Equal(50, world.Sandbox.Account.FreeRequestsToday);
    }

    [Fact]
    public async Task SendAsync_20FreeRequestsInAMinute_The21stIsToldWhenToComeBack()
    {
        await using var world = await GuardedSandbox.StartAsync();
        for (var sent = 0; sent < 20; sent++)
        {
            (await world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel))).Dispose();
        }

        var refusal = await Assert.ThrowsAsync<FreeModelQuotaExceededException>(() => world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel)));
        await world.AdvanceAsync(refusal.RetryAfter!.Value);
        using var response = await world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel));

        Assert.Equal(BillingCause.FreeRequestsPerMinute, refusal.Verdict.Cause);
        Assert.True(refusal.Verdict.IsRetryable);
        Assert.InRange(refusal.RetryAfter.Value, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task SendAsync_LongFreeStreams_HoldTheirPlaceInTheMinuteForAMinuteOnly()
    {
        await using var world = await GuardedSandbox.StartAsync(options: options => options.Guard.FreeRequestsPerMinute = 1);
        using var request = new HttpRequestMessage(HttpMethod.Post, "chat/completions")
        {
            Content = new StringContent(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel, stream: true), Encoding.UTF8, "application/json"),
        };
        using var running = await world.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);

        await Assert.ThrowsAsync<FreeModelQuotaExceededException>(() => world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel)));
        await world.AdvanceAsync(TimeSpan.FromSeconds(61));
        using var next = await world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel));

        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Fact]
    public async Task SendAsync_FreeModelWithAPaidFallback_ClaimsMoneyAndQuota()
    {
        await using var world = await GuardedSandbox.StartAsync(sandbox => sandbox.InitialCredits = 0.01m);

        var body = GuardedSandbox.ChatBody(GuardedSandbox.FreeModel, extra: ",\"models\":[\"openai/gpt-4o-mini\"]");

        await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.ChatAsync(body));
    }

    [Fact]
    public async Task SendAsync_ManagementKeyInTheRequest_IsRefusedAsSuch()
    {
        await using var world = await GuardedSandbox.StartAsync();

        var refusal = await Assert.ThrowsAsync<KeyNotAcceptedException>(() => world.ChatAsync(http: world.CreateClient(world.Sandbox.ManagementKey)));

        Assert.Equal(BillingCause.Permission, refusal.Verdict.Cause);
        Assert.Equal(0, world.Chats);
    }

    [Fact]
    public async Task SendAsync_UnknownKeyInTheRequest_IsRefusedAsSuch()
    {
        await using var world = await GuardedSandbox.StartAsync();

        var refusal = await Assert.ThrowsAsync<KeyNotAcceptedException>(() => world.ChatAsync(http: world.CreateClient(TestData.ApiKey)));

        Assert.Equal(BillingCause.Authentication, refusal.Verdict.Cause);
        Assert.IsType<OpenRouterApiException>(refusal.InnerException);
        Assert.DoesNotContain(TestData.ApiKey, refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_Synchronous_IsGuardedAndBookedToo()
    {
        await using var world = await GuardedSandbox.StartAsync(options: options => options.Guard.PaidRequestClaim = 6);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(world.Sandbox.BaseAddress, "chat/completions"))
        {
            Content = new StringContent(GuardedSandbox.ChatBody(), Encoding.UTF8, "application/json"),
        };
        using var again = new HttpRequestMessage(HttpMethod.Post, request.RequestUri) { Content = request.Content };

        using var response = world.Http.Send(request, Cancellation);
        world.Options.Guard.PaidRequestClaim = 10;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(world.Sandbox.Account.TotalUsage, (await ReadLimitAsync(world, BillingCause.AccountCredits)).Used);
        Assert.Throws<InsufficientCreditsException>(() => world.Http.Send(again, Cancellation));
        Assert.Equal(1, world.Chats);
    }

    [Fact]
    public async Task SendAsync_RequestOptsOut_IsNeitherCheckedNorBooked()
    {
        await using var world = await GuardedSandbox.StartAsync(sandbox => sandbox.InitialCredits = 0.01m);
        using var request = new HttpRequestMessage(HttpMethod.Post, "chat/completions")
        {
            Content = new StringContent(GuardedSandbox.ChatBody(), Encoding.UTF8, "application/json"),
        };

        using var response = await world.Http.SendAsync(request.SkipBillingGuard(), Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, world.Sandbox.Requests.Count(GuardedSandbox.KeyRoute));
    }

    [Fact]
    public async Task SendAsync_NoConnection_GivesTheClaimBack()
    {
        await using var world = await GuardedSandbox.StartAsync(options: options => options.Guard.PaidRequestClaim = 6);
        await world.Guard.EvaluateAsync(new BillableRequest { Model = GuardedSandbox.PaidModel }, Cancellation);
        using var http = new HttpClient(new BillingGuardHandler(world.Guard, world.Options)
        {
            InnerHandler = new StubHandler().On("POST chat/completions", (_, _) =>
                throw new HttpRequestException(HttpRequestError.ConnectionError, "The test cut the line.")),
        });
        using var content = new StringContent(GuardedSandbox.ChatBody());

        await Assert.ThrowsAsync<HttpRequestException>(() => http.PostAsync(new Uri(world.Sandbox.BaseAddress, "chat/completions"), content, Cancellation));

        var balance = await ReadLimitAsync(world, BillingCause.AccountCredits);
        Assert.Equal(0, balance.Used + balance.Held);
    }

    private static async Task<LimitReading> ReadLimitAsync(GuardedSandbox world, BillingCause cause)
    {
        var decision = await world.Guard.EvaluateAsync(new BillableRequest { Model = GuardedSandbox.PaidModel, ApiKey = world.Sandbox.ApiKey }, Cancellation);
        return decision.Limits.Single(limit => limit.Cause == cause);
    }
}
