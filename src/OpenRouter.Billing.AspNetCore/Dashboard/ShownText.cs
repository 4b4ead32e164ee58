using System.Globalization;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Names from requests as they may stand on a page: not at any length, and without marks that would change the text around them.</summary>
internal static class ShownText
{
    private const int Longest = 80;

    public static string? Of(string? name)
    {
        if (name is null)
        {
            return null;
        }

        var shown = name.Length <= Longest ? name : name[..Longest] + "…";
        return string.Create(shown.Length, shown, static (span, text) =>
        {
            for (var index = 0; index < span.Length; index++)
            {
                span[index] = IsShown(text[index]) ? text[index] : '?';
            }
        });
    }

    private static bool IsShown(char character) => CharUnicodeInfo.GetUnicodeCategory(character) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
}
