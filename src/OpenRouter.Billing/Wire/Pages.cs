using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace OpenRouter.Billing.Wire;

/// <summary>Reads a list page by page while others may change it.</summary>
internal static class Pages
{
    public const int Size = 100;

    // 100,000 entries: far more than any account has, and an end for a server that never says "enough".
    private const int Most = 1_000;

    // So many pages in a row without anything new: the server does not look at the offset.
    private const int MostStale = 3;

    /// <summary>Reads to the first short page. Rows that move to another page while reading are given once, and none that stays in the list is passed over.</summary>
    /// <param name="transport">Sends the calls.</param>
    /// <param name="first">The call without its offset; its path has a query.</param>
    /// <param name="type">The shape of a page.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<TModel> ReadAsync<TItem, TModel>(
        BillingTransport transport, BillingCall first, JsonTypeInfo<ListPayload<TItem, TModel>> type, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TItem : class, IWireItem<TModel>
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        // Up to the last of these, in the list's order, every row has been seen.
        var covered = new HashSet<string>(StringComparer.Ordinal);
        var offset = 0;
        var stale = 0;
        for (var page = 0; stale < MostStale; page++)
        {
            if (page == Most)
            {
                throw ApiErrors.Endless(first, Most);
            }

            var call = first with { Path = string.Create(CultureInfo.InvariantCulture, $"{first.Path}&offset={offset}") };
            var items = (await transport.SendAsync(call, type, cancellationToken).ConfigureAwait(false)).Data!;
            // Every page begins with the last row of the one before. Where it does not, rows were taken out and the rest moved up.
            var isJoined = offset == 0 || (items.Count > 0 && covered.Contains(items[0]!.Identity!));
            foreach (var item in items.Where(item => seen.Add(item!.Identity!)))
            {
                yield return item!.ToModel();
            }

            if (isJoined && items.Count < Size)
            {
                yield break;
            }

            var before = covered.Count;
            if (isJoined)
            {
                covered.UnionWith(items.Select(item => item!.Identity!));
            }

            stale = isJoined && covered.Count == before ? stale + 1 : 0;
            offset = isJoined ? offset + Size - 1 : Math.Max(0, offset - Size + 1);
        }
    }
}
