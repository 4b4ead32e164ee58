namespace OpenRouter.Billing;

/// <summary>Reads and changes who belongs to a workspace. Safe for concurrent use; throws as <see cref="IWorkspacesClient"/> says.</summary>
public interface IWorkspaceMembersClient
{
    /// <summary>Lists the members of a workspace, page by page while they are read. The default workspace has every member of the organization.</summary>
    /// <param name="workspace">Its UUID or slug.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>Each member once.</returns>
    /// <remarks><c>GET /workspaces/{id}/members</c>.</remarks>
    IAsyncEnumerable<WorkspaceMember> ListAsync(string workspace, CancellationToken cancellationToken = default);

    /// <summary>Adds members of the organization to a workspace.</summary>
    /// <param name="workspace">Its UUID or slug.</param>
    /// <param name="userIds">1 to 100 user ids.</param>
    /// <param name="cancellationToken">Gives the call up; the members may then have been added all the same.</param>
    /// <returns>How many were added.</returns>
    /// <exception cref="ArgumentException">There are no ids, more than 100, or a blank one; nothing was sent.</exception>
    /// <remarks><c>POST /workspaces/{id}/members/add</c>.</remarks>
    Task<long> AddAsync(string workspace, IReadOnlyList<string> userIds, CancellationToken cancellationToken = default);

    /// <summary>Removes members from a workspace. OpenRouter refuses for members with active keys there.</summary>
    /// <param name="workspace">Its UUID or slug.</param>
    /// <param name="userIds">1 to 100 user ids.</param>
    /// <param name="cancellationToken">Gives the call up; the members may then be gone all the same.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="ArgumentException">There are no ids, more than 100, or a blank one; nothing was sent.</exception>
    /// <remarks><c>POST /workspaces/{id}/members/remove</c>.</remarks>
    Task<long> RemoveAsync(string workspace, IReadOnlyList<string> userIds, CancellationToken cancellationToken = default);
}
