using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace OpenRouter.Billing.Wire;

/// <summary>Reads texts that repeat, such as the model of a row, as one string each. Forgets some when there are many, and keeps none.</summary>
internal sealed class TextPool : IDisposable
{
    private const int Slots = 4096;
    private const int Longest = 128;

    private readonly string?[] _texts = ArrayPool<string?>.Shared.Rent(Slots);

    /// <summary>Reads a text as <see cref="LenientTextConverter"/> does; null for null.</summary>
    public string? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        var bytes = reader.ValueSpan;
        // What comes in pieces or escaped, and what is long, is seldom repeated.
        if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence || reader.ValueIsEscaped || bytes.Length > Longest || !Ascii.IsValid(bytes))
        {
            return LenientTextConverter.Read(ref reader);
        }

        ref var slot = ref _texts[Hash(bytes) % Slots];
        return slot is not null && Ascii.Equals(bytes, slot) ? slot : slot = Encoding.ASCII.GetString(bytes);
    }

    public void Dispose() => ArrayPool<string?>.Shared.Return(_texts, clearArray: true);

    // Beginning, end and length: two texts that agree in all three only take each other's place.
    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var (head, tail) = bytes.Length >= sizeof(ulong)
            ? (BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..]))
            : (Short(bytes), 0UL);
        var mixed = ((head * 0x9E3779B97F4A7C15) ^ (tail * 0xC2B2AE3D27D4EB4F)) + ((ulong)bytes.Length * 0x165667B19E3779F9);
        return (uint)((mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9 >> 40);
    }

    private static ulong Short(ReadOnlySpan<byte> bytes)
    {
        var sum = 0UL;
        foreach (var each in bytes)
        {
            sum = (sum << 8) | each;
        }

        return sum;
    }
}
