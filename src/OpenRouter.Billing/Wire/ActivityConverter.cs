using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>Reads activity token by token, each row once and each repeated text once.</summary>
internal sealed class ActivityConverter : JsonConverter<ActivityPayload>
{
    public override ActivityPayload Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The body is no object.");
        }

        var payload = new ActivityPayload(null, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isData = reader.ValueTextEquals("data"u8);
            reader.Read();
            if (isData)
            {
                payload = ReadRows(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return payload;
    }

    public override void Write(Utf8JsonWriter writer, ActivityPayload value, JsonSerializerOptions options) => throw new NotSupportedException("Activity is only read.");

    private static ActivityPayload ReadRows(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return new ActivityPayload(null, false);
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("The rows are no list.");
        }

        var rows = new List<ActivityEntry>();
        var lacksDay = false;
        using var texts = new TextPool();
        var order = new MemberOrder();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                lacksDay = true;
            }
            else if (ReadRow(ref reader, texts, ref order) is { } row)
            {
                rows.Add(row);
            }
            else
            {
                lacksDay = true;
            }
        }

        return new ActivityPayload(rows, lacksDay);
    }

    private static ActivityEntry? ReadRow(ref Utf8JsonReader reader, TextPool texts, ref MemberOrder order)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A row is no object.");
        }

        DateOnly? day = null;
        string? model = null, permaslug = null, endpoint = null, provider = null, workspace = null;
        decimal? cost = null, byok = null;
        long? requests = null, prompt = null, completion = null, reasoning = null;
        order.Restart();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = order.Find(ref reader);
            reader.Read();
            switch (member)
            {
                case Member.Date:
                    day = ReadDay(ref reader);
                    break;
                case Member.Model:
                    model = texts.Read(ref reader);
                    break;
                case Member.ModelPermaslug:
                    permaslug = texts.Read(ref reader);
                    break;
                case Member.EndpointId:
                    endpoint = texts.Read(ref reader);
                    break;
                case Member.ProviderName:
                    provider = texts.Read(ref reader);
                    break;
                case Member.WorkspaceId:
                    workspace = texts.Read(ref reader);
                    break;
                case Member.Usage:
                    cost = LenientDecimalConverter.ReadOrNull(ref reader);
                    break;
                case Member.ByokUsage:
                    byok = LenientDecimalConverter.ReadOrNull(ref reader);
                    break;
                case Member.Requests:
                    requests = LenientInt64Converter.ReadOrNull(ref reader);
                    break;
                case Member.PromptTokens:
                    prompt = LenientInt64Converter.ReadOrNull(ref reader);
                    break;
                case Member.CompletionTokens:
                    completion = LenientInt64Converter.ReadOrNull(ref reader);
                    break;
                case Member.ReasoningTokens:
                    reasoning = LenientInt64Converter.ReadOrNull(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return day is not { } date ? null : new ActivityEntry
        {
            Date = date,
            Model = model,
            ModelPermaslug = permaslug,
            EndpointId = endpoint,
            ProviderName = provider,
            WorkspaceId = workspace,
            Cost = cost,
            ByokCost = byok,
            Requests = requests,
            PromptTokens = prompt,
            CompletionTokens = completion,
            ReasoningTokens = reasoning,
        };
    }

    // A day may come as a date or as an instant at its start.
    private static DateOnly? ReadDay(ref Utf8JsonReader reader)
    {
        const int Length = 10;
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number or JsonTokenType.Null))
        {
            throw new JsonException("A day is neither a string nor null.");
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            return null;
        }

        if (!reader.ValueIsEscaped && reader.ValueSpan is [var y1, var y2, var y3, var y4, (byte)'-', var m1, var m2, (byte)'-', var d1, var d2, ..])
        {
            var year = (((((Digit(y1) * 10) + Digit(y2)) * 10) + Digit(y3)) * 10) + Digit(y4);
            var month = (Digit(m1) * 10) + Digit(m2);
            var day = (Digit(d1) * 10) + Digit(d2);
            return year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) ? new DateOnly(year, month, day) : null;
        }

        return reader.ValueIsEscaped && reader.GetString() is { Length: >= Length } text
            && DateOnly.TryParseExact(text.AsSpan(0, Length), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;
    }

    // What is no digit takes every sum that it is part of out of its range.
    private static int Digit(byte character) => character is >= (byte)'0' and <= (byte)'9' ? character - '0' : -1_000_000;

    private enum Member
    {
        Unknown = -1,
        Date,
        Model,
        ModelPermaslug,
        EndpointId,
        ProviderName,
        WorkspaceId,
        Usage,
        ByokUsage,
        Requests,
        PromptTokens,
        CompletionTokens,
        ReasoningTokens,
    }

    /// <summary>Finds members by name, and guesses them first: rows have theirs in the same order.</summary>
    private struct MemberOrder
    {
        private const int Count = 12;

        private Guesses _guesses;
        private int _position;

        public void Restart() => _position = 0;

        public Member Find(ref Utf8JsonReader reader)
        {
            var at = Math.Min(_position++, Count - 1);
            if (reader.ValueTextEquals(Name(_guesses[at])))
            {
                return (Member)_guesses[at];
            }

            for (var member = 0; member < Count; member++)
            {
                if (reader.ValueTextEquals(Name(member)))
                {
                    _guesses[at] = (byte)member;
                    return (Member)member;
                }
            }

            return Member.Unknown;
        }

        private static ReadOnlySpan<byte> Name(int member) => (Member)member switch
        {
            Member.Date => "date"u8,
            Member.Model => "model"u8,
            Member.ModelPermaslug => "model_permaslug"u8,
            Member.EndpointId => "endpoint_id"u8,
            Member.ProviderName => "provider_name"u8,
            Member.WorkspaceId => "workspace_id"u8,
            Member.Usage => "usage"u8,
            Member.ByokUsage => "byok_usage_inference"u8,
            Member.Requests => "requests"u8,
            Member.PromptTokens => "prompt_tokens"u8,
            Member.CompletionTokens => "completion_tokens"u8,
            _ => "reasoning_tokens"u8,
        };

        [System.Runtime.CompilerServices.InlineArray(Count)]
        private struct Guesses
        {
            private byte _first;
        }
    }
}
