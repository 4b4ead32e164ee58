using System.Globalization;
using System.Security.Cryptography;

namespace OpenRouter.Billing.Sandbox;

/// <summary>Ids of answers: <c>gen-</c>, the Unix second, and 20 random letters and digits.</summary>
internal static class GenerationId
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static string New(DateTimeOffset now) => string.Create(
        CultureInfo.InvariantCulture, $"gen-{now.ToUnixTimeSeconds()}-{RandomNumberGenerator.GetString(Alphabet, 20)}");
}
