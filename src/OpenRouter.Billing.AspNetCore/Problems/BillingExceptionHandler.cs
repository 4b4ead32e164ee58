using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Answers refusals: 402 for money, 429 for quotas, 503 where nobody knows.</summary>
internal sealed class BillingExceptionHandler(IProblemDetailsService problems, IOptionsMonitor<BillingProblemOptions> options, TimeProvider timeProvider) : IExceptionHandler
{
    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (BillingProblem.FindRefusal(exception) is not { } refusal || httpContext.Response.HasStarted)
        {
            return false;
        }

        // Whoever catches it owns the answer of OpenRouter that hangs on it.
        refusal.Response?.Dispose();
        var status = BillingProblem.StatusOf(refusal.Verdict.Cause);
        var retryAfter = BillingProblem.RetryAfter(refusal.Verdict, status, timeProvider.GetUtcNow());
        var problem = BillingProblem.Describe(refusal.Verdict, retryAfter, options.CurrentValue);
        httpContext.Response.StatusCode = status;
        httpContext.Response.Headers[HeaderNames.CacheControl] = "no-store";
        if (retryAfter is { } wait)
        {
            httpContext.Response.Headers[HeaderNames.RetryAfter] = BillingProblem.Seconds(wait).ToString(CultureInfo.InvariantCulture);
        }

        // The exception itself stays here: the app's hook must not write its text, which has amounts, into the answer.
        if (!await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem }).ConfigureAwait(false))
        {
            await ProblemWriter.WriteAsync(httpContext.Response, problem, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }
}
