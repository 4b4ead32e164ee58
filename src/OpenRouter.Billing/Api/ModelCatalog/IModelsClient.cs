namespace OpenRouter.Billing;

/// <summary>Reads the models that OpenRouter offers, with their prices and bounds. Safe for concurrent use.</summary>
public interface IModelsClient
{
    /// <summary>Reads the list of models; pages, where the server makes any, are read one after the other.</summary>
    /// <param name="query">Which models; <see langword="null"/> for those that answer with text.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The models in the server's order, each once; an entry without an id is left out.</returns>
    /// <exception cref="ArgumentException">A modality is blank or too long; nothing was sent.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused, answered unreadably, or with pages that do not end.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /models</c>. It needs no key; one of the options' keys is sent all the same.</remarks>
    Task<IReadOnlyList<ModelListing>> ListAsync(ModelQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>Reads the models that requests with this key may use: those that its owner's providers, privacy settings and guardrails leave.</summary>
    /// <param name="query">Which models; <see langword="null"/> for those that answer with text.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The models in the server's order, each once; an entry without an id is left out.</returns>
    /// <exception cref="ArgumentException">A modality is blank or too long; nothing was sent.</exception>
    /// <exception cref="CredentialMissingException">No inference key is set; nothing was sent.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused (401: the key is unknown), answered unreadably, or with pages that do not end.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /models/user</c>.</remarks>
    Task<IReadOnlyList<ModelListing>> ListForKeyAsync(ModelQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>Reads how many models there are.</summary>
    /// <param name="query">Which models; <see langword="null"/> for those that answer with text.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The number of models.</returns>
    /// <exception cref="ArgumentException">A modality is blank or too long; nothing was sent.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /models/count</c>. It needs no key; one of the options' keys is sent all the same.</remarks>
    Task<long> CountAsync(ModelQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>Reads one model.</summary>
    /// <param name="model">The model's slug, such as <c>openai/gpt-4o-mini</c>, or an alias of it; a variant may follow, such as <c>:free</c>.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The model; for an alias with the model that answers for it.</returns>
    /// <exception cref="ArgumentException"><paramref name="model"/> is not of the form <c>author/slug</c>; a preset is none.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused (404 for a model that it does not know) or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /model/{author}/{slug}</c>. It needs no key; one of the options' keys is sent all the same.</remarks>
    Task<ModelListing> GetAsync(string model, CancellationToken cancellationToken = default);

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
