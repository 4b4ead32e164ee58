using System.Globalization;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IActivityClient"/>
internal sealed class ActivityClient(BillingTransport transport) : IActivityClient
{
    private const string Name = "GET /activity";

    // A large account has some 20,000 rows of 300 bytes in its 30 days; ten times that is no answer to this call.
    private const int MaxAnswerBytes = 64 * 1024 * 1024;

    // Each answer may be large, and OpenRouter throttles those who hurry.
    private const int Parallelism = 4;

    public async Task<IReadOnlyList<ActivityEntry>> ListAsync(ActivityQuery? query = null, CancellationToken cancellationToken = default)
    {
        var path = "activity" + ToQueryString(query ?? new ActivityQuery());
        var call = new BillingCall(path, Name, transport.ManagementKey(Name)) { MaxAnswerBytes = MaxAnswerBytes };
        var payload = await transport.SendAsync(call, WireContext.Default.ActivityPayload, cancellationToken).ConfigureAwait(false);
        return payload.Data!;
    }

    public async Task<ActivityReport> ListByKeysAsync(IEnumerable<string> hashes, ActivityQuery? query = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(hashes);
        ThrowIfSet(query?.ApiKeyHash, nameof(ActivityQuery.ApiKeyHash), nameof(query));
        var wanted = hashes.Select(hash => PathSegment.OfHash(hash, nameof(hashes))).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return await ReadPartsAsync(wanted, hash => (query ?? new ActivityQuery()) with { ApiKeyHash = hash }, cancellationToken).ConfigureAwait(false);
    }

    public async Task<ActivityReport> ListByMembersAsync(IEnumerable<string> userIds, ActivityQuery? query = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(userIds);
        ThrowIfSet(query?.UserId, nameof(ActivityQuery.UserId), nameof(query));
        var wanted = userIds.Distinct(StringComparer.Ordinal).ToList();
        foreach (var id in wanted)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(id, nameof(userIds));
        }

        return await ReadPartsAsync(wanted, id => (query ?? new ActivityQuery()) with { UserId = id }, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ActivityReport> ReadPartsAsync(List<string> ids, Func<string, ActivityQuery> queryOf, CancellationToken cancellationToken)
    {
        transport.ManagementKey(Name);
        var parts = new ActivityPart[ids.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, ids.Count), options, async (at, cancelled) => parts[at] = await ReadPartAsync(ids[at], queryOf(ids[at]), cancelled).ConfigureAwait(false)).ConfigureAwait(false);
        return new ActivityReport { Parts = parts };
    }

    private async Task<ActivityPart> ReadPartAsync(string id, ActivityQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return new ActivityPart(id, await ListAsync(query, cancellationToken).ConfigureAwait(false));
        }
        catch (OpenRouterBillingException exception)
        {
            return new ActivityPart(id, [], exception);
        }
    }

    private static void ThrowIfSet(string? value, string filter, string parameterName)
    {
        if (value is not null)
        {
            throw new ArgumentException($"{filter} is set, and each call sets its own: leave it out.", parameterName);
        }
    }

    private static string ToQueryString(ActivityQuery query)
    {
        var parts = new List<string>();
        if (query.Date is { } date)
        {
            parts.Add("date=" + date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }

        if (query.ApiKeyHash is { } hash)
        {
            parts.Add("api_key_hash=" + PathSegment.OfHash(hash, $"{nameof(query)}.{nameof(query.ApiKeyHash)}"));
        }

        if (query.UserId is { } user)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(user, $"{nameof(query)}.{nameof(query.UserId)}");
            parts.Add("user_id=" + Uri.EscapeDataString(user));
        }

        if (query.WorkspaceId is { } workspace)
        {
            parts.Add("workspace_id=" + workspace.ToString("D"));
        }

        if (query.GroupByWorkspace)
        {
            parts.Add("group_by=workspace");
        }

        return parts.Count == 0 ? string.Empty : "?" + string.Join('&', parts);
    }
}
