namespace OpenRouter.Billing.Sandbox;

internal enum FaultKind
{
    Delay,
    ChunkDelay,
    Gate,
    Answer,
    ErrorInBody,
    Disconnect,
    Truncate,
    StreamError,
    Hang,
}
