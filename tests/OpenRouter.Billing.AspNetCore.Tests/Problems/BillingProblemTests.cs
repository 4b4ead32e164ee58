using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.AspNetCore.Tests.TestKit;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore.Tests.Problems;

/// <summary>What a refusal looks like to whoever asked the app.</summary>
public sealed class BillingProblemTests
{
    private const string Key = "sk-or-v1-4444444444444444444444444444444444444444444444444444444444444444";

    private static readonly DateTimeOffset Now = new(2026, 11, 18, 10, 30, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BillingCause.AccountCredits, 402, "insufficient-credits")]
    [InlineData(BillingCause.NeverFunded, 402, "insufficient-credits")]
    [InlineData(BillingCause.KeyLimit, 402, "key-limit")]
    [InlineData(BillingCause.AppBudget, 402, "budget-exceeded")]
    [InlineData(BillingCause.WorkspaceBudget, 402, "budget-exceeded")]
    [InlineData(BillingCause.RequestCost, 402, "request-too-expensive")]
    [InlineData(BillingCause.PaidAddOn, 402, "paid-add-on")]
    [InlineData(BillingCause.FreeRequestsPerDay, 429, "free-quota")]
    [InlineData(BillingCause.FreeRequestsPerMinute, 429, "free-quota")]
    [InlineData(BillingCause.RunawayLimit, 429, "runaway-limit")]
    [InlineData(BillingCause.RunawayBrake, 429, "runaway-limit")]
    [InlineData(BillingCause.InFlightBudget, 429, "in-flight-budget")]
    [InlineData(BillingCause.Policy, 403, "policy")]
    [InlineData(BillingCause.UnreadableRequest, 400, "unreadable-request")]
    [InlineData(BillingCause.Unavailable, 503, "state-unknown")]
    [InlineData(BillingCause.Authentication, 503, "state-unknown")]
    public async Task Refusal_OfEveryCause_BecomesAProblemWithItsStatus(BillingCause cause, int status, string type)
    {
        await using var app = await StartAsync(Verdict(cause).ToException());

        using var response = await app.Http.GetAsync(new Uri("/chat", UriKind.Relative), Cancellation);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!;

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("urn:openrouter-billing:" + type, cause.ToString(), status), (problem["type"]!.GetValue<string>(), problem["cause"]!.GetValue<string>(), problem["status"]!.GetValue<int>()));
        Assert.EndsWith(".", problem["title"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task Quota_WithATimeAtWhichItOpens_SaysWhenToAskAgain()
    {
        await using var app = await StartAsync(Verdict(BillingCause.FreeRequestsPerMinute, opensAt: Now.AddSeconds(41.2)).ToException());

        using var response = await app.Http.GetAsync(new Uri("/chat", UriKind.Relative), Cancellation);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!;

        Assert.Equal(TimeSpan.FromSeconds(42), response.Headers.RetryAfter?.Delta);
        Assert.Equal((42, "2026-11-18T10:30:41Z"), (problem["retryAfterSeconds"]!.GetValue<int>(), problem["resetsAt"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData(BillingCause.Unavailable, true, 5)]
    [InlineData(BillingCause.Authentication, false, null)]
    [InlineData(BillingCause.AppBudget, false, null)]
    public async Task RetryAfter_WhereWaitingDoesOrDoesNotHelp_IsThereOrNot(BillingCause cause, bool isRetryable, int? seconds)
    {
        await using var app = await StartAsync((Verdict(cause) with { IsRetryable = isRetryable }).ToException());

        using var response = await app.Http.GetAsync(new Uri("/chat", UriKind.Relative), Cancellation);

        Assert.Equal(seconds, (int?)response.Headers.RetryAfter?.Delta?.TotalSeconds);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Amounts_OnlyWhereAskedFor_AreTold(bool include)
    {
        await using var app = await StartAsync(Verdict(BillingCause.AppBudget).ToException(), options => options.IncludeAmounts = include);

        var problem = JsonNode.Parse(await (await app.Http.GetAsync(new Uri("/chat", UriKind.Relative), Cancellation)).Content.ReadAsStringAsync(Cancellation))!;

        Assert.Equal("Daily, Member", problem["limit"]!.GetValue<string>());
        Assert.Equal(include ? 0.25m : null, problem["required"]?.GetValue<decimal>());
        Assert.Equal(include ? "USD" : null, problem["unit"]?.GetValue<string>());
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    [InlineData("text/html")]
    public async Task Problem_WhateverTheCallerAccepts_TellsNothingOfTheInside(string accept)
    {
        // The server's words, a fault's text, another member's name and a key: everything that must stay inside.
        var verdict = Verdict(BillingCause.Unavailable) with
        {
            Fault = new InvalidOperationException("canary-fault " + Key),
            LimitSource = "canary-source",
            Remedy = "canary-remedy.",
            Model = "canary/model",
        };
        await using var app = await StartAsync(verdict.ToException());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/chat");
        request.Headers.Accept.ParseAdd(accept);

        using var response = await app.Http.SendAsync(request, Cancellation);
        var body = await response.Content.ReadAsStringAsync(Cancellation) + response.Headers;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("\"cause\":\"Unavailable\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", body, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", body, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-or", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_InsideOfWhatARetryThrows_IsFound()
    {
        var refusal = Verdict(BillingCause.KeyLimit).ToException();
        await using var app = await StartAsync(new AggregateException("All attempts failed.", new IOException("cut"), new InvalidOperationException("wrapped", refusal)));

        Assert.Equal(HttpStatusCode.PaymentRequired, (await app.Http.GetAsync(new Uri("/chat", UriKind.Relative), Cancellation)).StatusCode);
    }

    [Fact]
    public async Task AnyOtherException_IsLeftToTheApp()
    {
        await using var app = await StartAsync(new InvalidOperationException("canary"));

        Assert.Equal(HttpStatusCode.InternalServerError, (await app.Http.GetAsync(new Uri("/chat", UriKind.Relative), Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Stream_RefusedBeforeItsFirstElement_IsAProblemAndNoStream()
    {
        await using var app = await TestApp.StartAsync(
            services => services.AddOpenRouterBilling(options => options.ApiKey = Key).AddAspNetCore(),
            app =>
            {
                app.UseExceptionHandler();
                app.MapGet("/chat", async (Microsoft.AspNetCore.Http.HttpContext context) =>
                {
                    var words = await WordsAsync(Verdict(BillingCause.AccountCredits).ToException()).OpenAsync(context.RequestAborted);
                    return Microsoft.AspNetCore.Http.TypedResults.ServerSentEvents(words);
                });
            });

        using var response = await app.Http.GetAsync(new Uri("/chat", UriKind.Relative), Cancellation);

        Assert.Equal((HttpStatusCode.PaymentRequired, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task OpenAsync_AStreamThatIsNotRefused_LosesNothingAndIsClosed()
    {
        var isClosed = false;

        var words = await (await CountAsync().OpenAsync(Cancellation)).ToListAsync(Cancellation);

        Assert.Equal([1, 2, 3], words);
        Assert.True(isClosed);

        async IAsyncEnumerable<int> CountAsync()
        {
            try
            {
                for (var number = 1; number <= 3; number++)
                {
                    await Task.Yield();
                    yield return number;
                }
            }
            finally
            {
                isClosed = true;
            }
        }
    }

    private static async IAsyncEnumerable<string> WordsAsync(Exception refusal)
    {
        await Task.Yield();
        if (refusal is not null)
        {
            throw refusal;
        }

        yield return "hello";
    }

    private static BillingVerdict Verdict(BillingCause cause, DateTimeOffset? opensAt = null) => new()
    {
        Cause = cause,
        CheckedAt = Now,
        Remedy = "Do something.",
        OpensAt = opensAt,
        Limit = new LimitReading
        {
            Cause = cause,
            Name = "Daily, Member 'alice'",
            Unit = LimitUnit.UsDollars,
            Capacity = 1,
            Used = 0.9m,
            Held = 0,
            Required = 0.25m,
            Since = Now.Date,
            HasRoom = false,
        },
    };

    private static Task<TestApp> StartAsync(Exception thrown, Action<BillingProblemOptions>? options = null) => TestApp.StartAsync(
        services =>
        {
            services.AddSingleton<TimeProvider>(new ManualTimeProvider(Now));
            services.AddOpenRouterBilling(billing => billing.ApiKey = Key).AddAspNetCore(options);
        },
        app =>
        {
            app.UseExceptionHandler();
            app.MapGet("/chat", new Func<string>(() => throw thrown));
        });
}
