using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Foresight;

/// <summary>How reports are written down.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(IncidentReport))]
internal sealed partial class IncidentContext : JsonSerializerContext;
