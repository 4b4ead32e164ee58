using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace OpenRouter.Billing.Foresight;

/// <summary>Posts alerts as signed webhooks by the Standard Webhooks convention. Safe for concurrent use.</summary>
/// <remarks>
/// The body is JSON: <c>type</c> (such as <c>openrouter.billing.balance</c>), <c>timestamp</c>, and the alert as <c>data</c>. The headers
/// are <c>webhook-id</c>, which is <see cref="BillingAlert.Id"/> in every attempt, <c>webhook-timestamp</c> and <c>webhook-signature</c>.
/// </remarks>
public sealed class WebhookAlertSink : IAlertSink
{
    private readonly TimeProvider _timeProvider;
    private readonly WebhookDelivery _delivery;
    private readonly WebhookSecret[] _secrets;

    /// <summary>Builds a sink by hand; <c>AddWebhookSink</c> registers one.</summary>
    /// <param name="http">Sends. It should follow no redirects and log no addresses.</param>
    /// <param name="options">Where to, and how hard it is tried.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    public WebhookAlertSink(HttpClient http, WebhookSinkOptions options, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        WebhookSinkOptionsRules.ThrowIfInvalid(options, isSigned: true);
        _timeProvider = timeProvider ?? TimeProvider.System;
        _delivery = new WebhookDelivery(http, options, _timeProvider);
        _secrets = [.. new[] { options.Secret, options.PreviousSecret }.Select(WebhookSecret.Find).OfType<WebhookSecret>()];
    }

    /// <inheritdoc/>
    /// <exception cref="WebhookFailedException">No attempt could deliver it, and <see cref="WebhookSinkOptions.OnUndelivered"/> is not set.</exception>
    public async ValueTask SendAsync(BillingAlert alert, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alert);
        var payload = new WebhookPayload("openrouter.billing." + JsonNamingPolicy.SnakeCaseLower.ConvertName(alert.Kind.ToString()), alert.RaisedAt, alert);
        var body = JsonSerializer.SerializeToUtf8Bytes(payload, AlertJson.Default.WebhookPayload);
        await _delivery.DeliverAsync(alert, body, headers => Sign(headers, alert.Id, body), cancellationToken).ConfigureAwait(false);
    }

    // Each attempt is signed for its own time: receivers turn away what is old.
    private void Sign(HttpRequestHeaders headers, string id, byte[] body)
    {
        var timestamp = _timeProvider.GetUtcNow().ToUnixTimeSeconds();
        headers.Add("webhook-id", id);
        headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        headers.TryAddWithoutValidation("webhook-signature", string.Join(' ', _secrets.Select(secret => secret.Sign(id, timestamp, body))));
    }
}
