using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OpenRouter.Billing.Guard;

/// <summary>Tells bodies apart without keeping anything of them: the key of the hash is made anew by each process and goes nowhere.</summary>
internal static class BodyFingerprint
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);

    public static long Of(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Key, body, hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}
