namespace OpenRouter.Billing.Sandbox;

/// <summary>
/// Thrown to Kestrel in the middle of an answer: it then sends what was written and closes the connection without the
/// last chunk. Aborting instead would lose bytes that are still in its buffers.
/// </summary>
internal sealed class ConnectionCutException : IOException;
