using System.Globalization;
using System.Text.Json;

namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>GET /activity</c>.</summary>
internal sealed record ActivityPayload(IReadOnlyList<ActivityPayload.Row?>? Data) : IWirePayload
{
    // A row without its day can be put into no sum, so it makes the answer unusable rather than a day shorter.
    public string? FindMissing() =>
        Data is null ? "data"
        : Data.Any(row => row is null || !TryReadDay(row.Date, out _)) ? "data[].date"
        : null;

    public IReadOnlyList<ActivityEntry> ToActivityEntries() => Data!.Select(row => row!.ToActivityEntry()).ToArray();

    // A day may come as a date or as an instant at its start.
    private static bool TryReadDay(string? text, out DateOnly day)
    {
        day = default;
        return text?.Length >= 10 && DateOnly.TryParseExact(text.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
    }

    internal sealed record Row
    {
        public string? Date { get; init; }

        public string? Model { get; init; }

        public string? ModelPermaslug { get; init; }

        public string? EndpointId { get; init; }

        public string? ProviderName { get; init; }

        public string? WorkspaceId { get; init; }

        public decimal? Usage { get; init; }

        public decimal? ByokUsageInference { get; init; }

        public long? Requests { get; init; }

        public long? PromptTokens { get; init; }

        public long? CompletionTokens { get; init; }

        public long? ReasoningTokens { get; init; }

        public ActivityEntry ToActivityEntry() => new()
        {
            Date = TryReadDay(Date, out var day) ? day : throw new JsonException("A row has no day."),
            Model = Model,
            ModelPermaslug = ModelPermaslug,
            EndpointId = EndpointId,
            ProviderName = ProviderName,
            WorkspaceId = WorkspaceId,
            Cost = Usage,
            ByokCost = ByokUsageInference,
            Requests = Requests,
            PromptTokens = PromptTokens,
            CompletionTokens = CompletionTokens,
            ReasoningTokens = ReasoningTokens,
        };
    }
}
