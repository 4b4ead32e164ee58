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
    private readonly WebhookSinkOptions _options;
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
        (_options, _timeProvider) = (options, timeProvider ?? TimeProvider.System);
        _delivery = new WebhookDelivery(http, options, _timeProvider);
        _secrets = [.. new[] { options.Secret, options.PreviousSecret }.Select(WebhookSecret.Find).OfType<WebhookSecret>()];
    }

    /// <inheritdoc/>
    /// <exception cref="WebhookFailedException">No attempt could deliver it, and <see cref="WebhookSinkOptions.OnUndelivered"/> is not set.</exception>
    public async ValueTask SendAsync(BillingAlert alert, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alert);
        if (alert.Severity < _options.LeastSeverity)
        {
            return;
        }

        var payload = new WebhookPayload("openrouter.billing." + JsonNamingPolicy.SnakeCaseLower.ConvertName(alert.Kind.ToString()), alert.RaisedAt, alert);
        var body = JsonSerializer.SerializeToUtf8Bytes(payload, AlertJson.Default.WebhookPayload);
        try
        {
            await _delivery.PostAsync(() => CreateRequest(alert.Id, body), cancellationToken).ConfigureAwait(false);
        }
        catch (WebhookFailedException) when (_options.OnUndelivered is not null)
        {
            await _options.OnUndelivered(alert, cancellationToken).ConfigureAwait(false);
        }
    }

    // Each attempt is signed for its own time: receivers turn away what is old.
    private HttpRequestMessage CreateRequest(string id, byte[] body)
    {
        var timestamp = _timeProvider.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, _options.Address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", string.Join(' ', _secrets.Select(secret => secret.Sign(id, timestamp, body))));
        return request;
    }
}
