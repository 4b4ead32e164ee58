namespace OpenRouter.Billing;

/// <summary>Reads the models that OpenRouter offers, with their prices and bounds. Safe for concurrent use.</summary>
public interface IModelsClient
{
    /// <summary>Reads the list of models; pages, where the server makes any, are read one after the other.</summary>
    /// <param name="query">Which models; <see langword="null"/> for those that answer with text.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The models in the server's order; an entry without an id is left out.</returns>
    /// <exception cref="OpenRouterApiException">OpenRouter refused or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /models</c>. It needs no key; one of the options' keys is sent all the same.</remarks>
    Task<IReadOnlyList<ModelListing>> ListAsync(ModelQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>Reads who offers a model, at which prices: the list of models has those of the top provider only.</summary>
    /// <param name="model">The model's slug, such as <c>openai/gpt-4o-mini</c>; a variant may follow, such as <c>:thinking</c>.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The endpoints in the server's order, the tiers of a provider each on their own; empty when there are none.</returns>
    /// <exception cref="ArgumentException"><paramref name="model"/> is not of the form <c>author/slug</c>; a preset is none.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused (404 for a model that it does not know) or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /models/{author}/{slug}/endpoints</c>. It needs no key; one of the options' keys is sent all the same.</remarks>
    Task<IReadOnlyList<ModelEndpoint>> ListEndpointsAsync(string model, CancellationToken cancellationToken = default);
}
