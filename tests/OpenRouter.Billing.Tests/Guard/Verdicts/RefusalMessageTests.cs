using System.Net;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>The whole sentence of each refusal, and what its properties take from the verdict.</summary>
public sealed class RefusalMessageTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(BillingCause.Authentication, "The request carries no key that OpenRouter could accept. Send 'Authorization: Bearer' with a key that is complete, enabled and not expired. Nothing was sent.")]
    [InlineData(BillingCause.Permission, "The request's key is a management key, which cannot call models. Send the request with an inference key and keep the management key for billing calls. Nothing was sent.")]
    [InlineData(BillingCause.InFlightBudget, "Running requests hold all of the balance that may be in flight at once. Wait until running requests have settled, and send fewer at once or with a lower output cap. Nothing was sent.")]
    [InlineData(BillingCause.UnreadableRequest, "The request's body cannot be read: it is too large, compressed, in parts, or no JSON. Send plain JSON below Guard.MaxRequestBytes, or set Guard.WhenUnreadable to Allow. Nothing was sent.")]
    [InlineData(BillingCause.PaidAddOn, "The model is free, but the request asks for a plugin, a tool, a file or a variant that costs. Leave it out, use a paid model, or set Guard.RefusePaidAddOns to false. Nothing was sent.")]
    [InlineData(BillingCause.Policy, "A billing policy of the app refused the request. Ask whoever wrote the app's billing policies. Nothing was sent.")]
    [InlineData(BillingCause.Unavailable, "The account's limits cannot be read just now. Try again shortly, or set Guard.WhenUnavailable to Allow to send unchecked. Nothing was sent.")]
    [InlineData(BillingCause.FreeRequestsPerDay, "The free requests of the day are used up. Wait for 00:00 UTC, or use a paid model. Nothing was sent.")]
    [InlineData(BillingCause.FreeRequestsPerMinute, "The free requests of the minute are used up. Wait, and send free requests more slowly. Nothing was sent.")]
    public void Message_WithoutLimit_IsTheWholeSentence(BillingCause cause, string message) => Assert.Equal(message, Refusal(cause).Message);

    [Theory]
    [InlineData(BillingCause.AppBudget, LimitUnit.UsDollars, "The app's budget (Daily) of 2.00 USD does not cover this request: it may cost 0.70 USD, and 0.50 USD may be spent, besides 0.25 USD that running requests hold. Wait for the budget's reset, or raise its limit in Guard.Budgets. Nothing was sent.")]
    [InlineData(BillingCause.MemberBudget, LimitUnit.UsDollars, "The member's budget of 2.00 USD does not cover this request: it may cost 0.70 USD, and 0.50 USD may be spent, besides 0.25 USD that running requests hold. Ask the organization's administrator to raise the budget, or wait for its reset. Nothing was sent.")]
    [InlineData(BillingCause.WorkspaceBudget, LimitUnit.UsDollars, "The workspace's budget of 2.00 USD does not cover this request: it may cost 0.70 USD, and 0.50 USD may be spent, besides 0.25 USD that running requests hold. Ask the organization's administrator to raise the budget, or wait for its reset. Nothing was sent.")]
    [InlineData(BillingCause.GuardrailBudget, LimitUnit.UsDollars, "The guardrail's budget of 2.00 USD does not cover this request: it may cost 0.70 USD, and 0.50 USD may be spent, besides 0.25 USD that running requests hold. Ask the organization's administrator to raise the budget, or wait for its reset. Nothing was sent.")]
    [InlineData(BillingCause.RequestCost, LimitUnit.UsDollars, "The request may cost 0.70 USD, and at most 2.00 USD is paid for one. Ask for less, use a cheaper model, or raise Guard.MaxRequestCost. Nothing was sent.")]
    [InlineData(BillingCause.RunawayLimit, LimitUnit.UsDollars, "The runaway limit (Daily) does not cover this request: it may cost 0.70 USD, and 1.50 USD of 2.00 USD is used within the window. Look for a loop that sends without end; if there is none, raise the limit in Guard.RunawayLimits. Nothing was sent.")]
    [InlineData(BillingCause.RunawayLimit, LimitUnit.Requests, "The runaway limit (Daily) is reached: 2 requests of 2 requests within the window. Look for a loop that sends without end; if there is none, raise the limit in Guard.RunawayLimits. Nothing was sent.")]
    [InlineData(BillingCause.RunawayBrake, LimitUnit.UsDollars, "The runaway brake (Daily) is on: 1.25 USD of 2.00 USD was spent. Look for a loop that sends without end; wait for the brake to come off, or take it off with RunawayBrake.Reset. Nothing was sent.")]
    [InlineData(BillingCause.RunawayBrake, LimitUnit.Requests, "The runaway brake (Daily) is on: 1 requests of 2. Look for a loop that sends without end; wait for the brake to come off, or take it off with RunawayBrake.Reset. Nothing was sent.")]
    [InlineData(BillingCause.FreeRequestsPerDay, LimitUnit.Requests, "The free requests of the day are used up: 2 of 2. Wait for 00:00 UTC, or use a paid model. Nothing was sent.")]
    public void Message_WithLimit_IsTheWholeSentence(BillingCause cause, LimitUnit unit, string message) => Assert.Equal(message, Refusal(cause, Limit(cause, unit)).Message);

    [Theory]
    [InlineData(1.5, 0.5, "it may cost 0.70 USD, and 0.00 USD may be spent, besides 0.50 USD that running requests hold")]
    [InlineData(2.25, 0, "it may cost 0.70 USD, and it is 0.25 USD short already")]
    [InlineData(2, 0, "it may cost 0.70 USD, and 0.00 USD may be spent")]
    public void Message_HowMuchIsLeft_IsNeverNegative(double used, double held, string words)
    {
        var limit = Limit(BillingCause.AccountCredits, LimitUnit.UsDollars) with { Used = (decimal)used, Held = (decimal)held };

        Assert.Equal($"The balance does not cover this request: {words}. Add credits. Nothing was sent.", Refusal(BillingCause.AccountCredits, limit).Message);
    }

    [Theory]
    [InlineData(false, "The balance does not cover this request: it asks for up to 4000 output tokens, and affords 120")]
    [InlineData(true, "The balance does not cover this request: it asks for up to 4000 prompt tokens, and affords 120")]
    public void Message_ServerNamesTokens_SaysWhich(bool isPrompt, string words)
    {
        var verdict = Verdict(BillingCause.AccountCredits) with { Origin = BillingVerdictOrigin.Answered, RequestedTokens = 4000, AffordableTokens = 120, IsPromptTooDear = isPrompt };

        Assert.Equal($"OpenRouter refused the request. {words}. Add credits.", verdict.ToException().Message);
        Assert.Contains("affords an unknown number", (verdict with { AffordableTokens = null }).ToException().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Message_ServersLimit_SaysWhatWasUsed()
    {
        var verdict = Verdict(BillingCause.KeyLimit) with { Origin = BillingVerdictOrigin.Remembered, Limit = Limit(BillingCause.KeyLimit, LimitUnit.UsDollars) };

        Assert.Equal(
            "The key's cap of 2.00 USD is spent: 1.25 USD was used. Raise the key's cap, wait for its reset, or use another key. OpenRouter said so to an earlier request. Nothing was sent.",
            verdict.ToException().Message);
    }

    [Theory]
    [InlineData(79)]
    [InlineData(80)]
    [InlineData(81)]
    public void Message_LongName_IsCut(int length)
    {
        var message = (Verdict(BillingCause.Policy) with { Model = new string('m', length) }).ToException().Message;

        Assert.Contains($"(model {new string('m', Math.Min(length, 80))}{(length > 80 ? "…" : "")}). Ask", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BillingCause.Permission, BillingVerdictOrigin.Answered, "OpenRouter refused the request. The request's key may not do this.")]
    [InlineData(BillingCause.Authentication, BillingVerdictOrigin.Answered, "OpenRouter refused the request. OpenRouter does not accept the request's key.")]
    [InlineData(BillingCause.Authentication, BillingVerdictOrigin.Predicted, "The request carries no key that OpenRouter could accept.")]
    public void Message_KeyNotAccepted_SaysWhoFoundOut(BillingCause cause, BillingVerdictOrigin origin, string beginning) =>
        Assert.StartsWith(beginning, (Verdict(cause) with { Origin = origin }).ToException().Message, StringComparison.Ordinal);

    [Fact]
    public void Message_FigureUnknown_IsSaid() => Assert.StartsWith(
        "The request may cost an unknown amount, and at most an unknown amount is paid for one.", Refusal(BillingCause.RequestCost).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, false)]
    [InlineData(HttpStatusCode.Forbidden, false)]
    [InlineData(HttpStatusCode.InternalServerError, true)]
    public void WithoutLimit_FiguresUnknown_TellsAWrongManagementKeyFromAPassingFault(HttpStatusCode status, bool isRetryable)
    {
        var fault = new OpenRouterApiException("refused", status);

        var verdict = Refusals.WithoutLimit(BillingCause.Unavailable, new BillableRequest { Model = "some/model" }, Noon, fault);

        Assert.Equal(isRetryable, verdict.IsRetryable);
        Assert.Equal(
            isRetryable ? "Try again shortly, or set Guard.WhenUnavailable to Allow to send unchecked."
                : "OpenRouter does not accept OpenRouterBillingOptions.ManagementKey: set a management key of this account, or none.",
            verdict.Remedy);
        Assert.Equal(("some/model", fault), (verdict.Model, verdict.Fault));
        Assert.False(Refusals.WithoutLimit(BillingCause.Policy, new BillableRequest(), Noon, null).IsRetryable);
    }

    [Theory]
    [InlineData(BillingCause.Permission, null, false, "Use a key, a model or a region that is allowed to do this.")]
    [InlineData(BillingCause.AccountCredits, null, false, "Add credits.")]
    [InlineData(BillingCause.AccountCredits, 120L, false, "Lower the output cap to at most 120 tokens, or add credits.")]
    [InlineData(BillingCause.AccountCredits, 120L, true, "Shorten the prompt to at most 120 tokens, or add credits.")]
    [InlineData(BillingCause.KeyLimit, 120L, false, "Lower the output cap to at most 120 tokens, or raise the key's cap.")]
    public void For_AnswersSize_SaysHowMuchFits(BillingCause cause, long? tokens, bool isPrompt, string remedy) => Assert.Equal(remedy, Remedies.For(cause, tokens, isPrompt));

    [Theory]
    [InlineData(1L, "Lower the output cap to at most 1 tokens, or add credits.")]
    [InlineData(0L, "Add credits.")]
    [InlineData(null, "Add credits.")]
    public void For_AffordableOutput_IsNamedOnlyWhereSomeIs(long? tokens, string remedy) =>
        Assert.Equal(remedy, Remedies.For(Limit(BillingCause.AccountCredits, LimitUnit.UsDollars) with { Held = 0 }, tokens));

    [Theory]
    [InlineData(BillingCause.AccountCredits, 0, 1, "Add credits, or set Guard.PaysByInvoice if this account pays by invoice.")]
    [InlineData(BillingCause.NeverFunded, 0, 1, "Add credits, or set Guard.PaysByInvoice if this account pays by invoice.")]
    [InlineData(BillingCause.AccountCredits, 0, 0, "Add credits.")]
    [InlineData(BillingCause.AccountCredits, 1, 1, "Add credits.")]
    [InlineData(BillingCause.NeverFunded, 1, 1, "Buy credits, or check that the key is on the right account or organization.")]
    [InlineData(BillingCause.KeyLimit, 0, 1, "Raise the key's cap, wait for its reset, or use another key.")]
    public void For_NeverBoughtAndSpends_ThinksOfInvoices(BillingCause cause, int bought, int used, string remedy) => Assert.Equal(
        remedy, Remedies.For(Limit(cause, LimitUnit.UsDollars) with { Held = 0 }, null, new CreditBalance { TotalCredits = bought, TotalUsage = used }));

    [Fact]
    public void Properties_OfLimits_AreTheVerdicts()
    {
        var (later, reset) = (Noon.AddHours(1), Noon.AddHours(12));
        var limit = Limit(BillingCause.KeyLimit, LimitUnit.UsDollars);

        Assert.Equal(0.2m, Assert.IsType<InsufficientCreditsException>(Refusal(BillingCause.AccountCredits, limit)).Shortfall);
        Assert.Equal(1.5m, Assert.IsType<RunawayLimitExceededException>(Refusal(BillingCause.RunawayLimit, limit)).Used);
        Assert.Equal(2, Assert.IsType<FreeModelQuotaExceededException>(Refusal(BillingCause.FreeRequestsPerDay, Limit(BillingCause.FreeRequestsPerDay, LimitUnit.Requests))).Used);
        foreach (var (resetsAt, expected) in new (DateTimeOffset?, DateTimeOffset)[] { (reset, reset), (null, later) })
        {
            var closed = limit with { ResetsAt = resetsAt };
            Assert.Equal(expected, Assert.IsType<KeyLimitExceededException>((Verdict(BillingCause.KeyLimit) with { Limit = closed, OpensAt = later }).ToException()).ResetsAt);
            Assert.Equal(expected, Assert.IsType<BudgetExceededException>((Verdict(BillingCause.AppBudget) with { Limit = closed, OpensAt = later }).ToException()).ResetsAt);
        }
    }

    [Fact]
    public void RetryAfter_OfFreeQuotaAndInFlightBudget_IsTheWait()
    {
        TimeSpan? Free(DateTimeOffset? opensAt) => Assert.IsType<FreeModelQuotaExceededException>((Verdict(BillingCause.FreeRequestsPerMinute) with { OpensAt = opensAt }).ToException()).RetryAfter;
        TimeSpan? InFlight(TimeSpan? hint) => Assert.IsType<InFlightBudgetExceededException>((Verdict(BillingCause.InFlightBudget) with { RetryAfter = hint, OpensAt = Noon.AddSeconds(9) }).ToException()).RetryAfter;

        Assert.Equal(TimeSpan.FromSeconds(30), Free(Noon.AddSeconds(30)));
        Assert.Equal(TimeSpan.Zero, Free(Noon.AddSeconds(-30)));
        Assert.Null(Free(null));
        Assert.Equal(TimeSpan.FromSeconds(4), InFlight(TimeSpan.FromSeconds(4)));
        Assert.Equal(TimeSpan.FromSeconds(9), InFlight(null));
    }

    [Fact]
    public void Constructor_WithoutVerdict_IsRefused() => Assert.All(
        new Action[]
        {
            () => _ = new InsufficientCreditsException(null!),
            () => _ = new RunawayLimitExceededException(null!),
            () => _ = new RunawayBrakeTrippedException(null!),
            () => _ = new RequestTooExpensiveException(null!),
            () => _ = new PolicyRefusedException(null!),
            () => _ = new KeyNotAcceptedException(null!),
        },
        construct => Assert.Throws<ArgumentNullException>(construct));

    private static BillingGuardException Refusal(BillingCause cause, LimitReading? limit = null) => (Verdict(cause) with { Limit = limit }).ToException();

    private static BillingVerdict Verdict(BillingCause cause) => new() { Cause = cause, CheckedAt = Noon, Remedy = Remedies.For(cause) };

    private static LimitReading Limit(BillingCause cause, LimitUnit unit) => new()
    {
        Cause = cause,
        Name = "Daily",
        Unit = unit,
        Capacity = 2,
        Used = unit == LimitUnit.Requests ? 1 : 1.25m,
        Held = unit == LimitUnit.Requests ? 1 : 0.25m,
        Required = unit == LimitUnit.Requests ? 1 : 0.7m,
        Since = Noon,
        HasRoom = false,
    };
}
