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

    public async Task<IReadOnlyList<ModelEndpoint>> ListEndpointsAsync(string model, CancellationToken cancellationToken = default)
    {
        const string Name = "GET /models/{author}/{slug}/endpoints";
        var call = new BillingCall(EndpointsPath(model), Name, transport.AnyKey(Name)) { MaxAnswerBytes = MaxAnswerBytes };
        var payload = await transport.GetAsync(call, WireContext.Default.ModelEndpointsPayload, cancellationToken).ConfigureAwait(false);
        return payload.ToModelEndpoints();
    }

    // Escaped piece by piece, so that no slug leads the key to another path. Dots cannot be escaped, and a preset is no model.
    private static string EndpointsPath(string model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Split('/') is [{ Length: > 0 } author, { Length: > 0 } slug] && author is not ("." or "..") && slug is not ("." or "..") && !model.Contains('@', StringComparison.Ordinal)
            ? $"models/{Uri.EscapeDataString(author)}/{Uri.EscapeDataString(slug)}/endpoints"
            : throw new ArgumentException($"'{model}' is no model: write author and slug, such as 'openai/gpt-4o-mini', with a variant after a colon if need be.", nameof(model));
    }

    private static string ToQueryString(ModelQuery query) =>
        query.OutputModalities.Count == 0 ? string.Empty : "?output_modalities=" + string.Join(',', query.OutputModalities.Select(Uri.EscapeDataString));

    // Only the query of the link is followed: where the list lies is known, and the key goes nowhere else.
    private static string? NextPath(string? link) => link?.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at ? "models" + link[at..] : null;
}
