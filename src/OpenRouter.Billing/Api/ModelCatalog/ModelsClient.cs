using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IModelsClient"/>
internal sealed class ModelsClient(BillingTransport transport) : IModelsClient
{
    // The whole list with its descriptions is about a megabyte; it grows.
    private const int MaxAnswerBytes = 32 * 1024 * 1024;

    // Without a page size the whole list comes at once. A server that begins to page does not lead on for ever.
    private const int MaxPages = 100;

    public Task<IReadOnlyList<ModelListing>> ListAsync(ModelQuery? query = null, CancellationToken cancellationToken = default) =>
        ListAsync("models", "GET /models", transport.AnyKey("GET /models"), query, cancellationToken);

    public Task<IReadOnlyList<ModelListing>> ListForKeyAsync(ModelQuery? query = null, CancellationToken cancellationToken = default) =>
        ListAsync("models/user", "GET /models/user", transport.ApiKey("GET /models/user"), query, cancellationToken);

    public async Task<long> CountAsync(ModelQuery? query = null, CancellationToken cancellationToken = default)
    {
        const string Name = "GET /models/count";
        var call = new BillingCall("models/count" + ToQueryString(query), Name, transport.AnyKey(Name));
        return (await transport.SendAsync(call, WireContext.Default.ModelCountPayload, cancellationToken).ConfigureAwait(false)).ToCount();
    }

    public async Task<ModelListing> GetAsync(string model, CancellationToken cancellationToken = default)
    {
        const string Name = "GET /model/{author}/{slug}";
        var call = new BillingCall("model/" + PathSegment.OfModel(model, nameof(model)), Name, transport.AnyKey(Name));
        return (await transport.SendAsync(call, WireContext.Default.ModelPayload, cancellationToken).ConfigureAwait(false)).ToModelListing();
    }

    public async Task<IReadOnlyList<ModelEndpoint>> ListEndpointsAsync(string model, CancellationToken cancellationToken = default)
    {
        const string Name = "GET /models/{author}/{slug}/endpoints";
        var path = $"models/{PathSegment.OfModel(model, nameof(model))}/endpoints";
        var call = new BillingCall(path, Name, transport.AnyKey(Name)) { MaxAnswerBytes = MaxAnswerBytes };
        var payload = await transport.SendAsync(call, WireContext.Default.ModelEndpointsPayload, cancellationToken).ConfigureAwait(false);
        return payload.ToModelEndpoints();
    }

    private async Task<IReadOnlyList<ModelListing>> ListAsync(string place, string name, string key, ModelQuery? query, CancellationToken cancellationToken)
    {
        var models = new List<ModelListing>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var call = new BillingCall(place + ToQueryString(query), name, key) { MaxAnswerBytes = MaxAnswerBytes };
        for (var page = 0; page < MaxPages; page++)
        {
            var payload = await transport.SendAsync(call, WireContext.Default.ModelsPayload, cancellationToken).ConfigureAwait(false);
            var fresh = payload.ToModelListings().Where(model => seen.Add(model.Id)).ToList();
            models.AddRange(fresh);
            // A page without anything new leads in a circle.
            if (fresh.Count == 0 || NextPath(place, payload.Links?.Next) is not { } next)
            {
                return models;
            }

            call = call with { Path = next };
        }

        throw ApiErrors.Endless(call, MaxPages);
    }

    private static string ToQueryString(ModelQuery? query) =>
        query is null or { OutputModalities.Count: 0 } ? string.Empty
        : "?output_modalities=" + string.Join(',', query.OutputModalities.Select(word => PathSegment.Of(word, nameof(query))));

    // Only the query of the link is followed: where the list lies is known, and the key goes nowhere else.
    private static string? NextPath(string place, string? link) => link?.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at ? place + link[at..] : null;
}
