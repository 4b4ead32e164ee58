using System.Globalization;
using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>/analytics</c>: computed from every answered request and the seeded past, today included.</summary>
internal sealed class AnalyticsEndpoint(ModelCatalog catalog)
{
    public void Handle(ManagementCall call)
    {
        switch (call.Route)
        {
            case ["GET", _, "meta"]:
                call.AnswerData(WriteMeta);
                break;
            case ["POST", _, "query"]:
                Answer(call, AnalyticsRequest.Read(call.ReadBody(), call.Now));
                break;
            default:
                throw new RefusedException(Refused.NotFound);
        }
    }

    private static void WriteMeta(Utf8JsonWriter json)
    {
        json.WriteList("metrics", AnalyticsNames.Metrics, (writer, metric) =>
        {
            WriteTerm(writer, (metric.Name, metric.Label));
            writer.WriteString("display_format", metric.Format);
            writer.WriteBoolean("is_rate", metric.IsRate);
        });
        json.WriteList("dimensions", AnalyticsNames.Dimensions, WriteTerm);
        json.WriteList("operators", AnalyticsNames.Operators, (writer, each) =>
        {
            writer.WriteString("name", each.Name);
            writer.WriteString("value_type", each.TakesList ? "array" : "scalar");
        });
        json.WriteList("granularities", AnalyticsNames.Granularities, WriteTerm);
    }

    private static void WriteTerm(Utf8JsonWriter json, (string Name, string Label) term)
    {
        json.WriteString("name", term.Name);
        json.WriteString("display_label", term.Label);
    }

    private void Answer(ManagementCall call, AnalyticsRequest request)
    {
        SandboxAccount account = call.Account;
        Group[] all = [.. Order(request, account.ReadUsage()
            .Where(usage => usage.At >= request.Start && usage.At < request.End && request.Filters.All(filter => Keeps(filter, ValueOf(usage, filter.Field))))
            .GroupBy(usage => new Place(
                request.Granularity is { } granularity ? AnalyticsNames.StartOf(granularity, usage.At) : null,
                ValueOf(usage, request.Dimensions.ElementAtOrDefault(0)),
                ValueOf(usage, request.Dimensions.ElementAtOrDefault(1))))
            .Select(group => new Group(group.Key, [.. group])))];
        if (all.Length == 0 && request is { Granularity: null, Dimensions.Count: 0 })
        {
            all = [new Group(new Place(null, null, null), [])];
        }

        Group[] perGroup = request.GroupLimit is { } most
            ? [.. all.GroupBy(group => (group.Place.First, group.Place.Second)).SelectMany(groups => groups.Take(most)).OrderBy(group => Array.IndexOf(all, group))]
            : all;
        Group[] shown = [.. perGroup.Take(request.Limit)];
        string[] warnings = [.. request.Filters.Where(filter => filter.Field == "api_key_id").SelectMany(filter => filter.Values)
            .Where(value => account.Keys.All(key => key.Hash != value))
            .Select(value => $"Could not resolve api_key_id '{value}'.")];
        call.AnswerData(json =>
        {
            json.WriteList("data", shown, (writer, group) => WriteRow(writer, account, request, group));
            json.WriteStartObject("metadata");
            json.WriteNumber("query_time_ms", 1.5m);
            json.WriteNumber("row_count", shown.Length);
            json.WriteBoolean("truncated", shown.Length < all.Length);
            json.WriteEndObject();
            if (warnings.Length > 0)
            {
                json.WriteStartArray("warnings");
                Array.ForEach(warnings, json.WriteStringValue);
                json.WriteEndArray();
            }
        });
    }

    private static IEnumerable<Group> Order(AnalyticsRequest request, IEnumerable<Group> groups)
    {
        IOrderedEnumerable<Group> plain = groups.OrderBy(group => group.Place.Time).ThenBy(group => group.Place.First, StringComparer.Ordinal).ThenBy(group => group.Place.Second, StringComparer.Ordinal);
        if (request.OrderBy is not var (field, isDescending))
        {
            return plain;
        }

        AnalyticsFigure? metric = AnalyticsNames.Metrics.FirstOrDefault(each => each.Name == field);
        int dimension = request.Dimensions.ToList().IndexOf(field);
        // A stable sort keeps the plain order among equals.
        IEnumerable<Group> sorted = metric is not null ? plain.OrderBy(group => metric.Of(group.Rows))
            : dimension >= 0 ? plain.OrderBy(group => dimension == 0 ? group.Place.First : group.Place.Second, StringComparer.Ordinal)
            : plain;
        return isDescending ? sorted.Reverse() : sorted;
    }

    private static bool Keeps((string Field, string Operator, IReadOnlyList<string> Values, bool IncludesUnset) filter, string? value)
    {
        if (value is null)
        {
            return filter is { Operator: "in" or "not_in", IncludesUnset: true } or { Operator: "neq" };
        }

        int order = string.CompareOrdinal(value, filter.Values is [string first, ..] ? first : null);
        return filter.Operator switch
        {
            "in" => filter.Values.Contains(value),
            "not_in" => !filter.Values.Contains(value),
            "eq" => order == 0,
            "neq" => order != 0,
            "gt" => order > 0,
            "gte" => order >= 0,
            "lt" => order < 0,
            _ => order <= 0,
        };
    }

    private string? ValueOf(MeteredUsage usage, string? dimension) => dimension switch
    {
        "model" => catalog.TryFind(usage.Model, out SandboxModel? model, out _) ? model.Slug : usage.Model,
        "provider" => catalog.TryFind(usage.Model, out SandboxModel? model, out _) ? model.Provider : "Sandbox",
        "api_key_id" => usage.KeyHash,
        "user" => usage.UserId,
        "workspace" => usage.WorkspaceId,
        AnalyticsNames.GenerationId => usage.GenerationId,
        _ => null,
    };

    private static void WriteRow(Utf8JsonWriter json, SandboxAccount account, AnalyticsRequest request, Group group)
    {
        if (group.Place.Time is { } time)
        {
            json.WriteInstantOrNull("date__" + request.Granularity, time);
        }

        foreach ((string dimension, string? value) in request.Dimensions.Zip([group.Place.First, group.Place.Second]))
        {
            // Filters take identifiers, and rows show labels.
            json.WriteString(dimension, dimension switch
            {
                "api_key_id" => account.Keys.FirstOrDefault(key => key.Hash == value)?.Label ?? value,
                "workspace" => value is null ? null : account.Workspaces.Find(value)?.Name ?? value,
                _ => value,
            });
            if (dimension == "user")
            {
                json.WriteNull("user_email");
            }
        }

        foreach (AnalyticsFigure metric in request.Metrics)
        {
            if (metric.Of(group.Rows) is not { } figure)
            {
                json.WriteNull(metric.Name);
            }
            else if (metric.IsCount)
            {
                json.WriteString(metric.Name, figure.ToString(CultureInfo.InvariantCulture));
            }
            else
            {
                json.WriteMoney(metric.Name, figure);
            }
        }
    }

    private sealed record Place(DateTimeOffset? Time, string? First, string? Second);

    private sealed record Group(Place Place, IReadOnlyCollection<MeteredUsage> Rows);
}
