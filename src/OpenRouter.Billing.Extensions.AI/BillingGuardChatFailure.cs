using System.Net;

namespace OpenRouter.Billing.Extensions.AI;

/// <summary>The answer by which a chat failed, as an exception of the wrapped client tells it.</summary>
/// <param name="StatusCode">The HTTP status.</param>
/// <param name="Body">The body, decompressed; empty when unknown. Nothing of it is kept.</param>
public readonly record struct BillingGuardChatFailure(HttpStatusCode StatusCode, ReadOnlyMemory<byte> Body = default);
