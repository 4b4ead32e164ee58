namespace OpenRouter.Billing;

/// <summary>Reads who belongs to the organization that owns the account. Safe for concurrent use.</summary>
/// <remarks>
/// All calls need a management key and throw <see cref="CredentialMissingException"/> when the options lack it (nothing was
/// sent), <see cref="OpenRouterApiException"/> when OpenRouter refuses (401 or 403: the key is unknown, disabled, expired or
/// no management key; 404: the account belongs to no organization) and <see cref="OpenRouterConnectionException"/> when no
/// answer came.
/// </remarks>
public interface IOrganizationClient
{
    /// <summary>Lists the members of the organization, page by page while they are read.</summary>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>Each member once.</returns>
    /// <remarks><c>GET /organization/members</c>.</remarks>
    IAsyncEnumerable<OrganizationMember> ListMembersAsync(CancellationToken cancellationToken = default);
}
