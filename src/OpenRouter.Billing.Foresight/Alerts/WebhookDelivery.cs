using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace OpenRouter.Billing.Foresight;

/// <summary>Posts an alert until it is taken, within bounded attempts and a bounded time. Of answers only the head is read.</summary>
internal sealed class WebhookDelivery(HttpClient http, WebhookSinkOptions options, TimeProvider timeProvider)
{
    private const int MostDoublings = 8;
    private const int JitterParts = 1000;

    /// <summary>Posts what an alert is written as, unless it matters too little for this webhook.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="body">What it is written as: JSON.</param>
    /// <param name="sign">Adds the headers of an attempt; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="WebhookFailedException">Nobody took it, and <see cref="WebhookSinkOptions.OnUndelivered"/> is not set.</exception>
    public async Task DeliverAsync(BillingAlert alert, byte[] body, Action<HttpRequestHeaders>? sign, CancellationToken cancellationToken)
    {
        if (alert.Severity < options.LeastSeverity)
        {
            return;
        }

        try
        {
            await PostAsync(body, sign, cancellationToken).ConfigureAwait(false);
        }
        catch (WebhookFailedException) when (options.OnUndelivered is not null)
        {
            await options.OnUndelivered(alert, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task PostAsync(byte[] body, Action<HttpRequestHeaders>? sign, CancellationToken cancellationToken)
    {
        var begun = timeProvider.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            var (failure, retryAfter, isFinal) = await TryAsync(body, sign, Left(begun), cancellationToken).ConfigureAwait(false);
            if (failure is null)
            {
                return;
            }

            var wait = Pause(attempt);
            wait = retryAfter > wait ? retryAfter.Value : wait;
            if (isFinal || attempt >= options.MaxAttempts || wait >= Left(begun))
            {
                throw new WebhookFailedException(attempt, failure);
            }

            await Task.Delay(wait, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan Left(long begun) => options.TotalTimeout - timeProvider.GetElapsedTime(begun);

    private async Task<(string? Failure, TimeSpan? RetryAfter, bool IsFinal)> TryAsync(byte[] body, Action<HttpRequestHeaders>? sign, TimeSpan left, CancellationToken cancellationToken)
    {
        // A pause may have ended later than it should, and so after all the time that there was.
        using var bound = new CancellationTokenSource(TimeSpan.FromTicks(Math.Clamp(left.Ticks, 0, options.AttemptTimeout.Ticks)), timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, options.Address) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            sign?.Invoke(request.Headers);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            // 410 says that the address is gone for good.
            return response.IsSuccessStatusCode ? default : ($"it answered {(int)response.StatusCode}", RetryAfter(response), response.StatusCode == HttpStatusCode.Gone);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ("it did not answer in time", null, false);
        }
        catch (HttpRequestException exception)
        {
            // The message of the exception names the host, which may be nobody's business.
            return ($"it could not be reached ({exception.HttpRequestError})", null, false);
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - timeProvider.GetUtcNow(),
        _ => null,
    };

    // Between half of it and all of it, so that those who failed together do not come back together.
    private TimeSpan Pause(int attempt)
    {
        var whole = options.RetryDelay * (1 << Math.Min(attempt - 1, MostDoublings));
        return (whole / 2) + (whole / 2 / JitterParts * RandomNumberGenerator.GetInt32(JitterParts + 1));
    }
}
