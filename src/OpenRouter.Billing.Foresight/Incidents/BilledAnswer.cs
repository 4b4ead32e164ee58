namespace OpenRouter.Billing.Foresight;

/// <summary>One answer as OpenRouter has billed it, as far as a ticket asks for it.</summary>
public sealed record BilledAnswer
{
    /// <summary>Gets the id.</summary>
    public required string Id { get; init; }

    /// <summary>Gets when the request was made.</summary>
    /// <value>UTC; <see langword="null"/> when the server did not say.</value>
    public DateTimeOffset? At { get; init; }

    /// <summary>Gets the model that was asked for.</summary>
    /// <value><see langword="null"/> when the app did not say.</value>
    public string? RequestedModel { get; init; }

    /// <summary>Gets the model that answered.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    public string? Model { get; init; }

    /// <summary>Gets the provider that answered.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    public string? Provider { get; init; }

    /// <summary>Gets what was charged.</summary>
    /// <value>US dollars.</value>
    public required decimal Cost { get; init; }

    /// <summary>Gets the size of the prompt as billed.</summary>
    /// <value>Tokens; <see langword="null"/> when the server did not say.</value>
    public long? PromptTokens { get; init; }

    /// <summary>Gets the size of the answer as billed.</summary>
    /// <value>Tokens; <see langword="null"/> when the server did not say.</value>
    public long? CompletionTokens { get; init; }

    /// <summary>Gets why the answer ended.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    public string? FinishReason { get; init; }

    /// <summary>Gets whether a free model was billed.</summary>
    public bool IsBilledFree { get; init; }

    /// <summary>Gets whether something that costs on free models too explains it, such as a web search.</summary>
    public bool HasAddOn { get; init; }

    internal static BilledAnswer From(Generation generation, string? requestedModel)
    {
        var isFree = FreeModels.IsFree(requestedModel) || FreeModels.IsFree(generation.Model);
        return new BilledAnswer
        {
            Id = generation.Id,
            At = generation.CreatedAt,
            RequestedModel = requestedModel,
            Model = generation.Model,
            Provider = generation.ProviderName,
            Cost = generation.TotalCost,
            PromptTokens = generation.NativePromptTokens ?? generation.PromptTokens,
            CompletionTokens = generation.NativeCompletionTokens ?? generation.CompletionTokens,
            FinishReason = generation.FinishReason,
            IsBilledFree = isFree && generation.TotalCost > 0,
            HasAddOn = generation.SearchResults > 0 || generation.Fetches > 0 || generation.WebSearchEngine is not null || generation.PromptMedia > 0,
        };
    }
}
