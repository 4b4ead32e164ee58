using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <summary>Reads lists that processes share. Money hangs on them, so that what cannot be read is not taken for empty.</summary>
internal static class SharedList
{
    /// <summary>Reads a list.</summary>
    /// <returns>What is in it; empty when nobody has written it.</returns>
    /// <exception cref="InvalidDataException">It is none of this version's.</exception>
    public static T[] Parse<T>(string name, SharedValue? value, JsonTypeInfo<T[]> type)
        where T : class
    {
        try
        {
            var list = value is null ? [] : JsonSerializer.Deserialize(value.Text, type);
            return list is not null && Array.TrueForAll(list, entry => entry is not null) ? list : throw Unreadable(name, null);
        }
        catch (JsonException exception)
        {
            throw Unreadable(name, exception);
        }
    }

    private static InvalidDataException Unreadable(string name, JsonException? exception) =>
        new($"The shared value '{name}' is no list of this version: update the apps that share it, or delete it once nobody needs it.", exception);
}
