using System.Globalization;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="ISessionCostsClient"/>
internal sealed class SessionCostsClient(BillingTransport transport) : ISessionCostsClient
{
    private const string Name = "GET /datasets/session-cost";
    private const int PageSize = 500;
    private const int FurthestOffset = 5_000;

    // The data is made anew once a week, so a second beginning is already bad luck.
    private const int Beginnings = 3;

    public async Task<SessionCosts> GetAsync(SessionCostQuery? query = null, CancellationToken cancellationToken = default)
    {
        var path = $"datasets/session-cost?limit={PageSize}" + ToQuery(query ?? new SessionCostQuery());
        var call = new BillingCall(path, Name, transport.AnyKey(Name));
        for (var beginning = 0; beginning < Beginnings; beginning++)
        {
            if (await TryReadAsync(call, cancellationToken).ConfigureAwait(false) is { } costs)
            {
                return costs;
            }
        }

        throw ApiErrors.Changing(call);
    }

    /// <summary>Reads all pages; null when they are not of the same days.</summary>
    private async Task<SessionCosts?> TryReadAsync(BillingCall first, CancellationToken cancellationToken)
    {
        SessionCosts? costs = null;
        var rows = new List<SessionCost>();
        var seen = new HashSet<(string, string?, TurnRange)>();
        for (var offset = 0; offset <= FurthestOffset; offset += PageSize)
        {
            var call = first with { Path = string.Create(CultureInfo.InvariantCulture, $"{first.Path}&offset={offset}") };
            var payload = await transport.SendAsync(call, WireContext.Default.SessionCostsPayload, cancellationToken).ConfigureAwait(false);
            var page = payload.ToSessionCosts();
            costs ??= page;
            if (page.WindowEnd != costs.WindowEnd)
            {
                return null;
            }

            rows.AddRange(page.Rows.Where(row => seen.Add((row.AppSlug, row.Model, row.Turns))));
            if (page.Rows.Count < PageSize)
            {
                break;
            }
        }

        return costs! with { Rows = rows };
    }

    private static string ToQuery(SessionCostQuery query) =>
        Part("app_slug", query.AppSlug) + Part("model", query.Model) + Part("turn_range", query.Turns?.ToString());

    private static string Part(string name, string? value) => value is null ? string.Empty : $"&{name}={PathSegment.Of(value, "query")}";
}
