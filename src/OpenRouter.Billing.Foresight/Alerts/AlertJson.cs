using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Foresight;

/// <summary>How alerts are written: in the shared state, and in the bodies of webhooks.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(AlertState))]
[JsonSerializable(typeof(WebhookPayload))]
[JsonSerializable(typeof(SlackPayload))]
internal sealed partial class AlertJson : JsonSerializerContext;
