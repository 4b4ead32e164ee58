namespace OpenRouter.Billing;

/// <summary>A member whom a guardrail binds: all keys of that member together.</summary>
/// <remarks>Read from <c>data</c> of <c>GET /guardrails/assignments/members</c>.</remarks>
public sealed record GuardrailMemberAssignment
{
    /// <summary>Gets the id of the assignment, a UUID.</summary>
    /// <remarks>Read from <c>id</c>.</remarks>
    public required string Id { get; init; }

    /// <summary>Gets the id of the guardrail, a UUID.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>guardrail_id</c>.</remarks>
    public string? GuardrailId { get; init; }

    /// <summary>Gets the member's user id.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>user_id</c>.</remarks>
    public string? UserId { get; init; }

    /// <summary>Gets the organization.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>organization_id</c>.</remarks>
    public string? OrganizationId { get; init; }

    /// <summary>Gets the member who assigned it.</summary>
    /// <value><see langword="null"/> when unknown.</value>
    /// <remarks>Read from <c>assigned_by</c>.</remarks>
    public string? AssignedBy { get; init; }

    /// <summary>Gets since when.</summary>
    /// <value>UTC; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>created_at</c>.</remarks>
    public DateTimeOffset? CreatedAt { get; init; }
}
