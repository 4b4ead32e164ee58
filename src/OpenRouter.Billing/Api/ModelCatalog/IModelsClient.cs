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
}
