namespace OpenRouter.Billing.Foresight;

/// <summary>One answer that a support ticket is about.</summary>
/// <param name="GenerationId">Its id, such as <c>gen-…</c>: its <c>X-Generation-Id</c> header, or the <c>id</c> in its body.</param>
/// <param name="RequestedModel">The model that was asked for, so that a free one which was billed is noticed whatever answered; <see langword="null"/> when unknown.</param>
public sealed record IncidentAnswer(string GenerationId, string? RequestedModel = null);
