using System.Text.Json;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>What a usage object says about money.</summary>
/// <param name="Cost">US dollars of credits that were charged; null when it does not say.</param>
/// <param name="ByokCost">US dollars spent through the account's own provider keys.</param>
internal readonly record struct BilledUsage(decimal? Cost, decimal ByokCost)
{
    /// <summary>Reads a usage object; null when it is cut off or broken, and so names nothing that could be booked.</summary>
    public static BilledUsage? TryRead(ReadOnlySpan<byte> usage)
    {
        decimal? cost = null;
        decimal? upstream = null;
        bool? isByok = null;
        try
        {
            var reader = new Utf8JsonReader(usage);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("cost"u8))
                {
                    cost = ReadAmount(ref reader) ?? cost;
                }
                else if (reader.ValueTextEquals("is_byok"u8))
                {
                    reader.Read();
                    isByok = reader.TokenType switch { JsonTokenType.True => true, JsonTokenType.False => false, _ => isByok };
                    reader.Skip();
                }
                else if (reader.ValueTextEquals("cost_details"u8))
                {
                    upstream = ReadUpstream(ref reader) ?? upstream;
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }

        return new BilledUsage(cost, ByokOf(cost ?? 0, upstream ?? 0, isByok));
    }

    /// <summary>What was spent through the account's own keys, in US dollars.</summary>
    // On other answers the upstream cost repeats the cost. Where the answer does not say which it is, the larger figure is safe.
    public static decimal ByokOf(decimal cost, decimal upstream, bool? isByok) => isByok switch
    {
        true => Math.Max(0, upstream),
        null => Math.Max(0, upstream - Math.Max(0, cost)),
        false => 0,
    };

    private static decimal? ReadUpstream(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        decimal? upstream = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("upstream_inference_cost"u8))
            {
                upstream = ReadAmount(ref reader) ?? upstream;
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return upstream;
    }

    private static decimal? ReadAmount(ref Utf8JsonReader reader)
    {
        reader.Read();
        decimal? amount = reader.TokenType is JsonTokenType.Number or JsonTokenType.String && LenientDecimalConverter.TryRead(ref reader, out var value)
            ? value
            : null;
        reader.Skip();
        return amount;
    }
}
