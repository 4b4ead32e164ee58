using System.Globalization;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing;

/// <inheritdoc cref="IActivityClient"/>
internal sealed class ActivityClient(BillingTransport transport) : IActivityClient
{
    // A large account has some 20,000 rows of 300 bytes in its 30 days; ten times that is no answer to this call.
    private const int MaxAnswerBytes = 64 * 1024 * 1024;

    public async Task<IReadOnlyList<ActivityEntry>> ListAsync(ActivityQuery? query = null, CancellationToken cancellationToken = default)
    {
        var path = "activity" + ToQueryString(query ?? new ActivityQuery());
        var call = new BillingCall(path, "GET /activity", transport.ManagementKey("GET /activity")) { MaxAnswerBytes = MaxAnswerBytes };
        var payload = await transport.GetAsync(call, WireContext.Default.ActivityPayload, cancellationToken).ConfigureAwait(false);
        return payload.ToActivityEntries();
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
            parts.Add("api_key_hash=" + CheckHash(hash));
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

    // The value is not quoted in the message: a key pasted in place of its hash must not show up in a log.
    private static string CheckHash(string hash) =>
        hash.Length == 64 && hash.All(char.IsAsciiHexDigit)
            ? hash
            : throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"ApiKeyHash has {hash.Length} characters and must be the 64 hexadecimal digits that the keys API shows as 'hash'."),
                nameof(hash));
}
