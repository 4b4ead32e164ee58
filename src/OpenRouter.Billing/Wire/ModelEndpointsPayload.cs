namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>GET /models/{author}/{slug}/endpoints</c>.</summary>
internal sealed record ModelEndpointsPayload(ModelEndpointsPayload.Offers? Data) : IWirePayload
{
    public string? FindMissing() => Data is null ? "data" : Data.Endpoints is null ? "data.endpoints" : null;

    public IReadOnlyList<ModelEndpoint> ToModelEndpoints() => Data!.Endpoints!.OfType<Endpoint>().Select(endpoint => endpoint.ToModelEndpoint()).ToArray();

    internal sealed record Offers(IReadOnlyList<Endpoint?>? Endpoints);

    internal sealed record Endpoint
    {
        public string? ProviderName { get; init; }

        public string? Tag { get; init; }

        public long? ContextLength { get; init; }

        public long? MaxCompletionTokens { get; init; }

        public long? MaxPromptTokens { get; init; }

        public string? Quantization { get; init; }

        public long? Status { get; init; }

        public ModelPricesPayload? Pricing { get; init; }

        public IReadOnlyList<string?>? SupportedParameters { get; init; }

        public ModelEndpoint ToModelEndpoint() => new()
        {
            ProviderName = ProviderName,
            Tag = Tag,
            Prices = Pricing?.ToModelPrices() ?? new ModelPrices(),
            ContextLength = ContextLength,
            MaxOutputTokens = MaxCompletionTokens,
            MaxPromptTokens = MaxPromptTokens,
            Quantization = Quantization,
            Status = Status is >= int.MinValue and <= int.MaxValue and var status ? (int)status : null,
            SupportedParameters = SupportedParameters?.OfType<string>().ToArray() ?? [],
        };
    }
}
