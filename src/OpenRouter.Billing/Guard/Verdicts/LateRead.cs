namespace OpenRouter.Billing.Guard;

/// <summary>A read that was begun and not waited for.</summary>
/// <param name="Reading">How many bytes it brings.</param>
/// <param name="Bytes">Where it puts them.</param>
internal sealed record LateRead(Task<int> Reading, ReadOnlyMemory<byte> Bytes);
