using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>The prices of a model in <c>GET /models</c>.</summary>
internal sealed record ModelPricesPayload
{
    public WirePrice Prompt { get; init; }

    public WirePrice Completion { get; init; }

    public WirePrice Request { get; init; }

    public WirePrice InternalReasoning { get; init; }

    [JsonPropertyName("input_cache_read")]
    public WirePrice CacheRead { get; init; }

    [JsonPropertyName("input_cache_write")]
    public WirePrice CacheWrite { get; init; }

    [JsonPropertyName("input_cache_write_1h")]
    public WirePrice CacheWriteOneHour { get; init; }

    public WirePrice Image { get; init; }

    public WirePrice ImageToken { get; init; }

    public WirePrice ImageOutput { get; init; }

    public WirePrice Audio { get; init; }

    public WirePrice AudioOutput { get; init; }

    [JsonPropertyName("input_audio_cache")]
    public WirePrice AudioCacheRead { get; init; }

    public WirePrice WebSearch { get; init; }

    public decimal? Discount { get; init; }

    public IReadOnlyList<Override?>? Overrides { get; init; }

    public ModelPrices ToModelPrices() => new()
    {
        Prompt = Prompt.Amount,
        Completion = Completion.Amount,
        Request = Request.Amount,
        InternalReasoning = InternalReasoning.Amount,
        CacheRead = CacheRead.Amount,
        CacheWrite = CacheWrite.Amount,
        CacheWriteOneHour = CacheWriteOneHour.Amount,
        Image = Image.Amount,
        ImageToken = ImageToken.Amount,
        ImageOutput = ImageOutput.Amount,
        Audio = Audio.Amount,
        AudioOutput = AudioOutput.Amount,
        AudioCacheRead = AudioCacheRead.Amount,
        WebSearch = WebSearch.Amount,
        Discount = Discount,
        Overrides = Overrides?.OfType<Override>().Select(entry => entry.ToPriceOverride()).ToArray() ?? [],
        AreKnown = Prompt.Amount is not null && Completion.Amount is not null && !HasUnreadable() && Overrides?.Any(entry => entry is null || entry.IsUnreadable()) != true,
    };

    private bool HasUnreadable() =>
        Prompt.IsUnreadable
        || Completion.IsUnreadable
        || Request.IsUnreadable
        || InternalReasoning.IsUnreadable
        || CacheRead.IsUnreadable
        || CacheWrite.IsUnreadable
        || CacheWriteOneHour.IsUnreadable
        || Image.IsUnreadable
        || ImageToken.IsUnreadable
        || ImageOutput.IsUnreadable
        || Audio.IsUnreadable
        || AudioOutput.IsUnreadable
        || AudioCacheRead.IsUnreadable
        || WebSearch.IsUnreadable;

    internal sealed record Override
    {
        public long? MinPromptTokens { get; init; }

        public long? UtcStart { get; init; }

        public long? UtcEnd { get; init; }

        public IReadOnlyList<string?>? UtcDays { get; init; }

        public WirePrice Prompt { get; init; }

        public WirePrice Completion { get; init; }

        [JsonPropertyName("input_cache_read")]
        public WirePrice CacheRead { get; init; }

        [JsonPropertyName("input_cache_write")]
        public WirePrice CacheWrite { get; init; }

        [JsonPropertyName("input_cache_write_1h")]
        public WirePrice CacheWriteOneHour { get; init; }

        public WirePrice Audio { get; init; }

        [JsonPropertyName("input_audio_cache")]
        public WirePrice AudioCacheRead { get; init; }

        public PriceOverride ToPriceOverride() => new()
        {
            MinPromptTokens = MinPromptTokens,
            UtcStart = ToTime(UtcStart),
            UtcEnd = ToTime(UtcEnd),
            UtcDays = UtcDays?.Select(ToDay).OfType<DayOfWeek>().ToArray() ?? [],
            Prompt = Prompt.Amount,
            Completion = Completion.Amount,
            CacheRead = CacheRead.Amount,
            CacheWrite = CacheWrite.Amount,
            CacheWriteOneHour = CacheWriteOneHour.Amount,
            Audio = Audio.Amount,
            AudioCacheRead = AudioCacheRead.Amount,
        };

        // A condition that nobody can read may hold at any time, so the model's price is unknown.
        public bool IsUnreadable() =>
            (UtcStart is not null && ToTime(UtcStart) is null)
            || (UtcEnd is not null && ToTime(UtcEnd) is null)
            || UtcDays?.Any(word => ToDay(word) is null) == true
            || Prompt.IsUnreadable
            || Completion.IsUnreadable
            || CacheRead.IsUnreadable
            || CacheWrite.IsUnreadable
            || CacheWriteOneHour.IsUnreadable
            || Audio.IsUnreadable
            || AudioCacheRead.IsUnreadable;

        // Hours and minutes in one number: 30 is 00:30, and 2400 is the midnight at which the day ends.
        private static TimeOnly? ToTime(long? number) =>
            number is >= 0 and <= 2400 && number % 100 < 60 ? new TimeOnly((int)(number / 100 % 24), (int)(number % 100)) : null;

        private static DayOfWeek? ToDay(string? word) =>
            Enum.TryParse<DayOfWeek>(word, ignoreCase: true, out var day) && Enum.IsDefined(day) && !char.IsAsciiDigit(word![0]) ? day : null;
    }
}
