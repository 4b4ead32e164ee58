using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IModelsClient"/>
internal sealed class ModelsClient(BillingTransport transport) : IModelsClient
{
    // The whole list with its descriptions is about a megabyte; it grows.
    private const int MaxAnswerBytes = 32 * 1024 * 1024;

    // Without a page size the whole list comes at once. A server that begins to page does not lead on for ever.
    private const int MaxPages = 100;

    public async Task<IReadOnlyList<ModelListing>> ListAsync(ModelQuery? query = null, CancellationToken cancellationToken = default)
    {
        var models = new List<ModelListing>();
        var path = "models" + ToQueryString(query ?? new ModelQuery());
        for (var page = 0; path is not null && page < MaxPages; page++)
        {
            var call = new BillingCall(path, "GET /models", transport.AnyKey("GET /models")) { MaxAnswerBytes = MaxAnswerBytes };
            var payload = await transport.GetAsync(call, WireContext.Default.ModelsPayload, cancellationToken).ConfigureAwait(false);
            payload.AddTo(models);
            path = NextPath(payload.Links?.Next);
        }

        return models;
    }

    private static string ToQueryString(ModelQuery query) =>
        query.OutputModalities.Count == 0 ? string.Empty : "?output_modalities=" + string.Join(',', query.OutputModalities.Select(Uri.EscapeDataString));

    // Only the query of the link is followed: where the list lies is known, and the key goes nowhere else.
    private static string? NextPath(string? link) => link?.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at ? "models" + link[at..] : null;
}
