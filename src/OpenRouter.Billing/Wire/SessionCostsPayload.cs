using System.Globalization;
using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>GET /datasets/session-cost</c>.</summary>
internal sealed record SessionCostsPayload(IReadOnlyList<SessionCostsPayload.Cell?>? Data, SessionCostsPayload.About? Meta) : IWirePayload
{
    public string? FindMissing() =>
        Data is null ? "data" : Data.Any(row => string.IsNullOrEmpty(row?.AppSlug)) ? "data[].app_slug" : null;

    public SessionCosts ToSessionCosts() => new()
    {
        Rows = Data!.Select(row => row!.ToSessionCost()).ToArray(),
        AsOf = Meta?.AsOf,
        Version = Meta?.Version,
        WindowDays = Meta?.WindowDays,
        WindowEnd = DateOnly.TryParseExact(Meta?.WindowEndDate, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null,
    };

    internal sealed record Cell
    {
        public string? AppSlug { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? AppName { get; init; }

        public string? ModelPermaslug { get; init; }

        public string? TurnRange { get; init; }

        public decimal? MedianSessionCostUsd { get; init; }

        public SessionCost ToSessionCost() => new()
        {
            AppSlug = AppSlug!,
            AppName = AppName,
            Model = ModelPermaslug,
            Turns = new TurnRange(TurnRange ?? string.Empty),
            Median = MedianSessionCostUsd,
        };
    }

    internal sealed record About
    {
        [JsonConverter(typeof(OrNullConverter<DateTimeOffset?>))]
        public DateTimeOffset? AsOf { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? Version { get; init; }

        [JsonConverter(typeof(OrNullConverter<long?>))]
        public long? WindowDays { get; init; }

        [JsonConverter(typeof(OrNullConverter<string>))]
        public string? WindowEndDate { get; init; }
    }
}
