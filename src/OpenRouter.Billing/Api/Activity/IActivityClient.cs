namespace OpenRouter.Billing;

/// <summary>Reads what was used and what it cost, by day, model and endpoint. Safe for concurrent use.</summary>
public interface IActivityClient
{
    /// <summary>Reads the activity of the last 30 completed UTC days; the current day is never in it.</summary>
    /// <param name="query">Which activity; <see langword="null"/> for all of the account.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The rows in the server's order; empty when nothing was used.</returns>
    /// <exception cref="ArgumentException">A filter of <paramref name="query"/> cannot be one.</exception>
    /// <exception cref="CredentialMissingException">No management key is set; nothing was sent.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused (401 or 403: not a management key; 400: a day out of range) or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /activity</c>.</remarks>
    Task<IReadOnlyList<ActivityEntry>> ListAsync(ActivityQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>Reads the activity of several keys, a few at a time and each with a call of its own.</summary>
    /// <param name="hashes">The hashes of the keys, as the keys API shows them; repeated ones are read once.</param>
    /// <param name="query">Which activity, without <see cref="ActivityQuery.ApiKeyHash"/>; <see langword="null"/> for all of each key.</param>
    /// <param name="cancellationToken">Gives all calls up.</param>
    /// <returns>A part for each key; one that could not be read says why, and does not keep the others.</returns>
    /// <exception cref="ArgumentException">A hash cannot be one, or <paramref name="query"/> names a key of its own.</exception>
    /// <exception cref="CredentialMissingException">No management key is set; nothing was sent.</exception>
    /// <remarks><c>GET /activity</c> for each.</remarks>
    Task<ActivityReport> ListByKeysAsync(IEnumerable<string> hashes, ActivityQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>Reads the activity of several organization members, a few at a time and each with a call of its own.</summary>
    /// <param name="userIds">The members; repeated ones are read once.</param>
    /// <param name="query">Which activity, without <see cref="ActivityQuery.UserId"/>; <see langword="null"/> for all of each member.</param>
    /// <param name="cancellationToken">Gives all calls up.</param>
    /// <returns>A part for each member; one that could not be read says why, and does not keep the others.</returns>
    /// <exception cref="ArgumentException">An id is blank, or <paramref name="query"/> names a member of its own.</exception>
    /// <exception cref="CredentialMissingException">No management key is set; nothing was sent.</exception>
    /// <remarks><c>GET /activity</c> for each.</remarks>
    Task<ActivityReport> ListByMembersAsync(IEnumerable<string> userIds, ActivityQuery? query = null, CancellationToken cancellationToken = default);
}
