using System.Diagnostics;
using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Guard;

/// <summary>What the guard needs to know about a request: read from an HTTP request, or written by hand.</summary>
public sealed record BillableRequest
{
    /// <summary>Gets the model that is asked for.</summary>
    /// <value>A slug such as <c>openai/gpt-4o-mini</c>; <see langword="null"/> when unknown, which counts as paid.</value>
    public string? Model { get; init; }

    /// <summary>Gets the models that may answer instead.</summary>
    /// <value>Empty by default. One paid model among them makes the request a paid one.</value>
    public IReadOnlyList<string> FallbackModels { get; init; } = [];

    /// <summary>Gets whether the request asks for something that costs on any model, such as web search or a plugin.</summary>
    public bool HasPaidAddOns { get; init; }

    /// <summary>Gets the plugins and server tools that the request asks for.</summary>
    /// <value>Empty by default. What they cost is part of the estimate; <see cref="HasPaidAddOns"/> says whether they cost at all.</value>
    public IReadOnlyList<RequestAddOn> AddOns { get; init; } = [];

    /// <summary>Gets how large the prompt is.</summary>
    /// <value><see langword="null"/> when unknown, or when it is not text that is charged: then no estimate can be made.</value>
    public PromptSize? Prompt { get; init; }

    /// <summary>Gets the request's cap on the length of one answer, the largest where it names several.</summary>
    /// <value>Tokens; <see langword="null"/> when it has none, and the model's own maximum counts.</value>
    public long? MaxOutputTokens { get; init; }

    /// <summary>Gets whether whoever sends the request will put in a lower output cap when told to.</summary>
    /// <value><see langword="false"/> by default; the handler does for bodies that it can read.</value>
    /// <remarks>Told by <see cref="BillingLease.OutputCap"/>, and only when <see cref="BillingGuardOptions.LowerOutputCap"/> is set.</remarks>
    public bool MayLowerOutputCap { get; init; }

    /// <summary>Gets how many answers are asked for.</summary>
    /// <value>Answers; 1 by default.</value>
    public int Answers { get; init; } = 1;

    /// <summary>Gets how many images the prompt has.</summary>
    /// <value>Images; 0 by default.</value>
    public int Images { get; init; }

    /// <summary>Gets how many recordings and videos the prompt has.</summary>
    /// <value>Recordings and videos; 0 by default.</value>
    public int Recordings { get; init; }

    /// <summary>Gets how many files the prompt has.</summary>
    /// <value>Files; 0 by default.</value>
    public int Files { get; init; }

    /// <summary>Gets how large the prompt's files, images and recordings are.</summary>
    /// <value>Bytes as sent, mostly in base64; those that are named by address count nothing.</value>
    public long MediaBytes { get; init; }

    /// <summary>Gets whether the prompt is written to the provider's cache for an hour, which costs more than for five minutes.</summary>
    public bool CachesForAnHour { get; init; }

    /// <summary>Gets the dearest prices that the request accepts.</summary>
    /// <value><see langword="null"/> for any.</value>
    public RequestPriceCap? PriceCap { get; init; }

    /// <summary>Gets the service tier that is asked for, such as <c>priority</c> or <c>flex</c>.</summary>
    /// <value><see langword="null"/> for the default.</value>
    public string? ServiceTier { get; init; }

    /// <summary>Gets how many steps server tools may take.</summary>
    /// <value>Steps; <see langword="null"/> for the server's maximum.</value>
    public int? MaxToolCalls { get; init; }

    /// <summary>Gets whether the answer is streamed.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>Gets whether there is a body that could not be read: too large, compressed, in parts, or no JSON.</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>Gets what tells the request from others, so that the brake notices one that is sent again and again.</summary>
    /// <value>Any number that is the same for the same request; <see langword="null"/> when nobody compares. The handler takes a keyed hash of the body while <see cref="RunawayBrakeOptions.MaxRepeats"/> is set, and <see cref="FromBody"/> always.</value>
    public long? Fingerprint { get; init; }

    /// <summary>Gets on whose behalf the request is made.</summary>
    /// <value><see langword="null"/> for the ambient <see cref="BillingScope.Current"/>, which also says what this one does not name.</value>
    public BillingScope? Scope { get; init; }

    /// <summary>Gets the key that the request carries.</summary>
    /// <value>The bearer key itself; <see langword="null"/> for the one in the options. It is never stored nor shown.</value>
    [JsonIgnore]
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? ApiKey { get; init; }

    /// <summary>Gets whether every model that may answer is a free one.</summary>
    public bool UsesFreeModelsOnly => ModelSlug.IsFree(Model) && AreAllFree(FallbackModels);

    /// <summary>Gets whether any model that may answer is a free one, so that the request counts against the free quotas.</summary>
    public bool UsesAnyFreeModel => ModelSlug.IsFree(Model) || Any(FallbackModels, ModelSlug.IsFree);

    /// <summary>Gets whether the request can cost money.</summary>
    public bool IsPaid => !UsesFreeModelsOnly || AddsCost;

    /// <summary>Gets whether something besides the model's tokens can cost, a model's variant included.</summary>
    internal bool AddsCost => HasPaidAddOns || ModelSlug.HasPaidVariant(Model) || Any(FallbackModels, ModelSlug.HasPaidVariant);

    /// <summary>Reads what a request asks for from the JSON body that it is, or would be, sent with.</summary>
    /// <param name="body">The body of a completion in any of the skins, such as that of <c>POST /chat/completions</c>.</param>
    /// <returns>What it asks for, measured as the handler does; <see cref="IsUnreadable"/> when it is no JSON object. Never an exception.</returns>
    public static BillableRequest FromBody(ReadOnlySpan<byte> body) => RequestReader.Read(body, apiKey: null) with { MayLowerOutputCap = false, Fingerprint = BodyFingerprint.Of(body) };

    /// <inheritdoc/>
    public override string ToString() => Model ?? "(unknown model)";

    private static bool AreAllFree(IReadOnlyList<string> slugs)
    {
        for (var index = 0; index < slugs.Count; index++)
        {
            if (!ModelSlug.IsFree(slugs[index]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Any(IReadOnlyList<string> slugs, Func<string?, bool> test)
    {
        for (var index = 0; index < slugs.Count; index++)
        {
            if (test(slugs[index]))
            {
                return true;
            }
        }

        return false;
    }
}
