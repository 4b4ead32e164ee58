using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>The one place where a refusal becomes a problem for whoever asked the app. Nothing that OpenRouter wrote is in it.</summary>
internal static class BillingProblem
{
    private const string TypePrefix = "urn:openrouter-billing:";

    // Whoever asks again sooner than this asks in vain.
    private static readonly TimeSpan UnknownStateWait = TimeSpan.FromSeconds(5);

    /// <summary>Finds the refusal in what was thrown: a client that repeats requests throws all that came of them at once.</summary>
    public static BillingGuardException? FindRefusal(Exception? exception, int depth = 8) => exception switch
    {
        null => null,
        BillingGuardException refusal => refusal,
        _ when depth == 0 => null,
        AggregateException all => all.InnerExceptions.Select(inner => FindRefusal(inner, depth - 1)).FirstOrDefault(found => found is not null),
        _ => FindRefusal(exception.InnerException, depth - 1),
    };

    /// <summary>How long to wait before asking again; null where waiting alone does not help, or for longer than anybody waits.</summary>
    public static TimeSpan? RetryAfter(BillingVerdict verdict, int status, DateTimeOffset now) => status switch
    {
        StatusCodes.Status429TooManyRequests => Wait(verdict, now),
        StatusCodes.Status503ServiceUnavailable when verdict.IsRetryable => Wait(verdict, now) ?? UnknownStateWait,
        _ => null,
    };

    public static ProblemDetails Describe(BillingVerdict verdict, TimeSpan? retryAfter, BillingProblemOptions options)
    {
        var (status, name, title) = Kind(verdict.Cause);
        var problem = new ProblemDetails { Type = TypePrefix + name, Status = status, Title = title };
        problem.Extensions["cause"] = verdict.Cause.ToString();
        if (verdict.Limit is { } limit)
        {
            problem.Extensions["limit"] = limit.Name is { } own ? WithoutWhose(own) : verdict.Cause.ToString();
            if (options.IncludeAmounts)
            {
                problem.Extensions["unit"] = limit.Unit == LimitUnit.Requests ? "requests" : "USD";
                problem.Extensions["required"] = limit.Required;
                problem.Extensions["remaining"] = limit.Remaining;
                problem.Extensions["capacity"] = limit.Capacity;
            }
        }

        if ((verdict.OpensAt ?? verdict.Limit?.ResetsAt) is { } opensAt)
        {
            problem.Extensions["resetsAt"] = opensAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        }

        if (retryAfter is { } wait)
        {
            problem.Extensions["retryAfterSeconds"] = Seconds(wait);
        }

        return problem;
    }

    public static int StatusOf(BillingCause cause) => Kind(cause).Status;

    public static long Seconds(TimeSpan wait) => Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));

    private static TimeSpan? Wait(BillingVerdict verdict, DateTimeOffset now) =>
        verdict.OpensAt is { } opensAt ? opensAt > now ? opensAt - now : TimeSpan.Zero : verdict.RetryAfter;

    // A name such as "Daily, Member 'alice'" would tell one caller another's.
    private static string WithoutWhose(string name) => name.IndexOf(" '", StringComparison.Ordinal) is > 0 and var end ? name[..end] : name;

    private static (int Status, string Name, string Title) Kind(BillingCause cause) => cause switch
    {
        BillingCause.AccountCredits or BillingCause.NeverFunded or BillingCause.MinimumBalance =>
            (StatusCodes.Status402PaymentRequired, "insufficient-credits", "The account's credits do not cover this request."),
        BillingCause.KeyLimit => (StatusCodes.Status402PaymentRequired, "key-limit", "The spending limit of the key in use does not cover this request."),
        BillingCause.GuardrailBudget or BillingCause.MemberBudget or BillingCause.WorkspaceBudget or BillingCause.AppBudget =>
            (StatusCodes.Status402PaymentRequired, "budget-exceeded", "A budget does not cover this request."),
        BillingCause.RequestCost => (StatusCodes.Status402PaymentRequired, "request-too-expensive", "This request may cost more than one request is allowed to."),
        BillingCause.PaidAddOn => (StatusCodes.Status402PaymentRequired, "paid-add-on", "This request asks a free model for something that costs."),
        BillingCause.FreeRequestsPerDay or BillingCause.FreeRequestsPerMinute =>
            (StatusCodes.Status429TooManyRequests, "free-quota", "The free requests are used up for now."),
        BillingCause.RunawayLimit or BillingCause.RunawayBrake => (StatusCodes.Status429TooManyRequests, "runaway-limit", "Too much was asked in a short time."),
        BillingCause.InFlightBudget => (StatusCodes.Status429TooManyRequests, "in-flight-budget", "Running requests use up what may be in flight at once."),
        BillingCause.Policy => (StatusCodes.Status403Forbidden, "policy", "A policy does not allow this request."),
        BillingCause.UnreadableRequest => (StatusCodes.Status400BadRequest, "unreadable-request", "The request cannot be read."),
        _ => (StatusCodes.Status503ServiceUnavailable, "state-unknown", "Whether this request may be made is not known just now."),
    };
}
