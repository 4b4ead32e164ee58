using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>GET /activity</c>, read straight into entries: an account may have tens of thousands of rows.</summary>
/// <param name="Data">The rows; null when there are none to speak of, not even an empty list.</param>
/// <param name="LacksDay">Whether a row says no day. It can be put into no sum, so it makes the answer unusable rather than a day shorter.</param>
[JsonConverter(typeof(ActivityConverter))]
internal sealed record ActivityPayload(IReadOnlyList<ActivityEntry>? Data, bool LacksDay) : IWirePayload
{
    public string? FindMissing() => Data is null ? "data" : LacksDay ? "data[].date" : null;
}
