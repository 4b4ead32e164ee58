namespace OpenRouter.Billing.Foresight;

/// <summary>The body of a webhook by the Standard Webhooks convention.</summary>
internal sealed record WebhookPayload(string Type, DateTimeOffset Timestamp, BillingAlert Data);
