using System.Globalization;

namespace OpenRouter.Billing.Wire;

/// <summary>Checks a list of identifiers before it is sent.</summary>
internal static class SentIds
{
    public static IReadOnlyList<string> Check(IReadOnlyList<string> ids, int most, string name)
    {
        ArgumentNullException.ThrowIfNull(ids, name);
        if (ids.Count == 0 || ids.Count > most)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} has {ids.Count} entries and must have from 1 to {most}."), name);
        }

        foreach (var id in ids)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(id, name);
        }

        return ids;
    }
}
