using System.Globalization;
using System.Text.Json;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>What an answer says about its cost, read the long way round: the whole text, then a document per event.</summary>
internal sealed record PlainReading(decimal? Cost, bool HasUsage, bool HasError)
{
    public static PlainReading OfJson(string body, bool isEvent = false)
    {
        using var document = JsonDocument.Parse(body);
        JsonElement? usage = null;
        var isOpening = false;
        var reading = new PlainReading(null, false, false);
        foreach (var (member, parent) in Members(document.RootElement))
        {
            if (member.NameEquals("usage"))
            {
                usage = member.Value;
                isOpening = isEvent && parent == "message";
                reading = reading with { HasUsage = reading.HasUsage || member.Value.GetRawText().StartsWith('{') };
            }
            else if (member.NameEquals("error"))
            {
                reading = reading with { HasError = reading.HasError || member.Value.GetRawText().AsSpan().ContainsAny('{', '"') };
            }
        }

        return reading with { HasUsage = reading.HasUsage && !isOpening, Cost = usage is { ValueKind: JsonValueKind.Object } found ? CostIn(found) : null };
    }

    public static PlainReading OfEvents(string body)
    {
        var reading = new PlainReading(null, false, false);
        foreach (var text in Events(body))
        {
            try
            {
                var one = OfJson(text, isEvent: true);
                reading = new PlainReading(one.Cost ?? reading.Cost, reading.HasUsage || one.HasUsage, reading.HasError || one.HasError);
            }
            catch (JsonException)
            {
                // [DONE] and comments that were sent as data
            }
        }

        return reading;
    }

    // Data lines of one event are joined; an empty line ends it.
    private static IEnumerable<string> Events(string body)
    {
        var data = new List<string>();
        foreach (var line in body.ReplaceLineEndings("\n").Split('\n').Append(string.Empty))
        {
            if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                data.Add(line[5..]);
            }
            else if (line.Length == 0 && data.Count > 0)
            {
                yield return string.Join('\n', data);
                data.Clear();
            }
        }
    }

    // The members at the top, and those of a response or message there.
    private static IEnumerable<(JsonProperty Member, string? Parent)> Members(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var member in root.EnumerateObject())
        {
            yield return (member, null);
            if (member.Value.ValueKind == JsonValueKind.Object && (member.NameEquals("response") || member.NameEquals("message")))
            {
                foreach (var inner in member.Value.EnumerateObject())
                {
                    yield return (inner, member.Name);
                }
            }
        }
    }

    private static decimal? CostIn(JsonElement usage)
    {
        decimal? cost = null;
        foreach (var member in usage.EnumerateObject().Where(member => member.NameEquals("cost")))
        {
            var text = member.Value.ValueKind switch
            {
                JsonValueKind.Number => member.Value.GetRawText(),
                JsonValueKind.String => member.Value.GetString(),
                _ => null,
            };
            cost = decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : cost;
        }

        return cost;
    }
}
