namespace OpenRouter.Billing;

/// <summary>A member of the organization that owns the account.</summary>
/// <remarks>Read from <c>data</c> of <c>GET /organization/members</c>.</remarks>
public sealed record OrganizationMember
{
    /// <summary>Gets the member's user id, by which keys, guardrails and workspaces name their people.</summary>
    /// <remarks>Read from <c>id</c>.</remarks>
    public required string UserId { get; init; }

    /// <summary>Gets the member's address for mail.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>email</c>.</remarks>
    public string? Email { get; init; }

    /// <summary>Gets the member's first name.</summary>
    /// <value><see langword="null"/> when none is known.</value>
    /// <remarks>Read from <c>first_name</c>.</remarks>
    public string? FirstName { get; init; }

    /// <summary>Gets the member's last name.</summary>
    /// <value><see langword="null"/> when none is known.</value>
    /// <remarks>Read from <c>last_name</c>.</remarks>
    public string? LastName { get; init; }

    /// <summary>Gets what the member may do.</summary>
    /// <value>An empty word when the server did not say.</value>
    /// <remarks>Read from <c>role</c>.</remarks>
    public required OrganizationRole Role { get; init; }
}
