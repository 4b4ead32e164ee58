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

    /// <summary>Reads to the first short page. Rows that move to a later page while reading are given once.</summary>
    /// <param name="transport">Sends the calls.</param>
    /// <param name="first">The call without its offset; its path has a query.</param>
    /// <param name="type">The shape of a page.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<TModel> ReadAsync<TItem, TModel>(
        BillingTransport transport, BillingCall first, JsonTypeInfo<ListPayload<TItem, TModel>> type, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TItem : class, IWireItem<TModel>
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var stale = 0;
        for (var page = 0; stale < MostStale; page++)
        {
            if (page == Most)
            {
                throw ApiErrors.Endless(first, Most);
            }

            var call = first with { Path = string.Create(CultureInfo.InvariantCulture, $"{first.Path}&offset={page * Size}") };
            var items = (await transport.GetAsync(call, type, cancellationToken).ConfigureAwait(false)).Data!;
            var fresh = items.Where(item => seen.Add(item!.Identity!)).ToList();
            foreach (var item in fresh)
            {
                yield return item!.ToModel();
            }

            if (items.Count < Size)
            {
                yield break;
            }

            stale = fresh.Count == 0 ? stale + 1 : 0;
        }
    }
}
