using System.Globalization;

namespace OpenRouter.Billing.Wire;

/// <summary>Writes an instant as the server takes it: UTC and with seconds, for it rejects minutes alone.</summary>
internal static class SentInstant
{
    public static string? Of(DateTimeOffset? instant, string name) => instant switch
    {
        null => null,
        { Offset: var offset } value when offset != TimeSpan.Zero => throw new ArgumentException(
            string.Create(CultureInfo.InvariantCulture, $"{name} is {value:yyyy-MM-dd'T'HH:mm:sszzz} and must be UTC: pass {value.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}, which ToUniversalTime() gives."), name),
        { } value => value.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    };
}
