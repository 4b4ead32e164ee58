using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Foresight;

/// <summary>How what processes share is written down. Members may be added; what is written today must stay readable.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Purchase[]))]
[JsonSerializable(typeof(ReloadClaim[]))]
internal sealed partial class ForesightStateContext : JsonSerializerContext;
