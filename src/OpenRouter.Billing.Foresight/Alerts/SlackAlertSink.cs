using System.Text.Json;

namespace OpenRouter.Billing.Foresight;

/// <summary>Posts alerts to a webhook that takes Slack's messages. Safe for concurrent use.</summary>
public sealed class SlackAlertSink : IAlertSink
{
    private const int LongestText = 3000;

    private readonly WebhookDelivery _delivery;

    /// <summary>Builds a sink by hand; <c>AddSlackSink</c> registers one.</summary>
    /// <param name="http">Sends. It should follow no redirects and log no addresses.</param>
    /// <param name="options">Where to, and how hard it is tried.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range, or a secret is set.</exception>
    public SlackAlertSink(HttpClient http, WebhookSinkOptions options, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        WebhookSinkOptionsRules.ThrowIfInvalid(options, isSigned: false);
        _delivery = new WebhookDelivery(http, options, timeProvider ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    /// <exception cref="WebhookFailedException">No attempt could deliver it, and <see cref="WebhookSinkOptions.OnUndelivered"/> is not set.</exception>
    public async ValueTask SendAsync(BillingAlert alert, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alert);
        var body = JsonSerializer.SerializeToUtf8Bytes(new SlackPayload(TextOf(alert)), AlertJson.Default.SlackPayload);
        await _delivery.DeliverAsync(alert, body, sign: null, cancellationToken).ConfigureAwait(false);
    }

    private static string TextOf(BillingAlert alert)
    {
        var text = alert.Message.Length > LongestText ? alert.Message[..LongestText] + "…" : alert.Message;
        var account = alert.Account is { } name ? $" ({Escape(name)})" : string.Empty;
        return $"*{alert.Severity}*{account}: {Escape(text)}";
    }

    // Slack's three: a name such as <!channel> would call everybody.
    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
