using System.Globalization;

namespace OpenRouter.Billing.Wire;

/// <summary>Checks an amount before it is sent as a limit.</summary>
internal static class SentMoney
{
    public static decimal? Of(decimal? usd, string name) =>
        usd is not < 0 ? usd : throw new ArgumentOutOfRangeException(name, string.Create(CultureInfo.InvariantCulture, $"{name} is {usd} US dollars and must not be negative."));

    public static decimal Positive(decimal usd, string name) =>
        usd > 0 ? usd : throw new ArgumentOutOfRangeException(name, string.Create(CultureInfo.InvariantCulture, $"{name} is {usd} US dollars and must be above zero: delete a limit to be without one."));
}
