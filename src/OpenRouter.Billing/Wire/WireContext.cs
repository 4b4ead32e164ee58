using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>The serialization of every body; members of a payload are named as on the wire.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    AllowTrailingCommas = true,
    Converters = [typeof(LenientDecimalConverter), typeof(LenientInt64Converter), typeof(LenientBooleanConverter), typeof(LenientInstantConverter), typeof(LenientTextConverter)])]
[JsonSerializable(typeof(CreditsPayload))]
[JsonSerializable(typeof(CurrentKeyPayload))]
[JsonSerializable(typeof(ActivityPayload))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(decimal?))]
[JsonSerializable(typeof(bool?))]
[JsonSerializable(typeof(DateTimeOffset?))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(CurrentKeyPayload.FreeRequests))]
[JsonSerializable(typeof(CurrentKeyPayload.RequestRate))]
[JsonSerializable(typeof(ModelsPayload))]
[JsonSerializable(typeof(GenerationPayload))]
[JsonSerializable(typeof(IReadOnlyList<GenerationPayload.Attempt>))]
[JsonSerializable(typeof(long?))]
[JsonSerializable(typeof(ModelEndpointsPayload))]
internal sealed partial class WireContext : JsonSerializerContext;
