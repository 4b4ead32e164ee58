using System.Diagnostics;
using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Guard;

/// <summary>What the guard needs to know about a request: read from an HTTP request, or written by hand.</summary>
public sealed class BillableRequest
{
    /// <summary>Gets the model that is asked for.</summary>
    /// <value>A slug such as <c>openai/gpt-4o-mini</c>; <see langword="null"/> when unknown, which counts as paid.</value>
    public string? Model { get; init; }

    /// <summary>Gets the models that may answer instead.</summary>
    /// <value>Empty by default. One paid model among them makes the request a paid one.</value>
    public IReadOnlyList<string> FallbackModels { get; init; } = [];

    /// <summary>Gets whether the request asks for something that costs on any model, such as web search or a plugin.</summary>
    public bool HasPaidAddOns { get; init; }

    /// <summary>Gets the key that the request carries.</summary>
    /// <value>The bearer key itself; <see langword="null"/> for the one in the options. It is never stored nor shown.</value>
    [JsonIgnore]
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? ApiKey { get; init; }

    /// <summary>Gets whether every model that may answer is a free one.</summary>
    public bool UsesFreeModelsOnly => ModelSlug.IsFree(Model) && FallbackModels.All(ModelSlug.IsFree);

    /// <summary>Gets whether any model that may answer is a free one, so that the request counts against the free quotas.</summary>
    public bool UsesAnyFreeModel => ModelSlug.IsFree(Model) || FallbackModels.Any(ModelSlug.IsFree);

    /// <summary>Gets whether the request can cost money.</summary>
    public bool IsPaid => HasPaidAddOns || !UsesFreeModelsOnly || ModelSlug.HasPaidVariant(Model) || FallbackModels.Any(ModelSlug.HasPaidVariant);

    /// <inheritdoc/>
    public override string ToString() => Model ?? "(unknown model)";
}
