namespace OpenRouter.Billing;

/// <summary>Reads and changes whom guardrails bind. Safe for concurrent use; throws as <see cref="IGuardrailsClient"/> says.</summary>
public interface IGuardrailAssignmentsClient
{
    /// <summary>Lists assigned keys, page by page while they are read.</summary>
    /// <param name="guardrailId">The guardrail's UUID; <see langword="null"/> for all guardrails.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>Each assignment once.</returns>
    /// <remarks><c>GET /guardrails/{id}/assignments/keys</c> or <c>GET /guardrails/assignments/keys</c>.</remarks>
    IAsyncEnumerable<GuardrailKeyAssignment> ListKeysAsync(string? guardrailId = null, CancellationToken cancellationToken = default);

    /// <summary>Lists assigned members, page by page while they are read.</summary>
    /// <param name="guardrailId">The guardrail's UUID; <see langword="null"/> for all guardrails.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>Each assignment once.</returns>
    /// <remarks><c>GET /guardrails/{id}/assignments/members</c> or <c>GET /guardrails/assignments/members</c>.</remarks>
    IAsyncEnumerable<GuardrailMemberAssignment> ListMembersAsync(string? guardrailId = null, CancellationToken cancellationToken = default);

    /// <summary>Assigns keys to a guardrail. A key has one guardrail: this one takes the place of another.</summary>
    /// <param name="guardrailId">The guardrail's UUID.</param>
    /// <param name="keyHashes">The hashes of the keys, at least one.</param>
    /// <param name="cancellationToken">Gives the call up; the keys may then be assigned all the same.</param>
    /// <returns>How many were assigned.</returns>
    /// <exception cref="ArgumentException">There are no hashes, or one is none; nothing was sent.</exception>
    /// <remarks><c>POST /guardrails/{id}/assignments/keys</c>.</remarks>
    Task<long> AssignKeysAsync(string guardrailId, IReadOnlyList<string> keyHashes, CancellationToken cancellationToken = default);

    /// <summary>Frees keys from a guardrail.</summary>
    /// <param name="guardrailId">The guardrail's UUID.</param>
    /// <param name="keyHashes">The hashes of the keys, at least one.</param>
    /// <param name="cancellationToken">Gives the call up; the keys may then be free all the same.</param>
    /// <returns>How many were freed.</returns>
    /// <exception cref="ArgumentException">There are no hashes, or one is none; nothing was sent.</exception>
    /// <remarks><c>POST /guardrails/{id}/assignments/keys/remove</c>.</remarks>
    Task<long> UnassignKeysAsync(string guardrailId, IReadOnlyList<string> keyHashes, CancellationToken cancellationToken = default);

    /// <summary>Assigns members to a guardrail.</summary>
    /// <param name="guardrailId">The guardrail's UUID.</param>
    /// <param name="userIds">User ids, at least one.</param>
    /// <param name="cancellationToken">Gives the call up; the members may then be assigned all the same.</param>
    /// <returns>How many were assigned.</returns>
    /// <exception cref="ArgumentException">There are no ids, or a blank one; nothing was sent.</exception>
    /// <remarks><c>POST /guardrails/{id}/assignments/members</c>.</remarks>
    Task<long> AssignMembersAsync(string guardrailId, IReadOnlyList<string> userIds, CancellationToken cancellationToken = default);

    /// <summary>Frees members from a guardrail.</summary>
    /// <param name="guardrailId">The guardrail's UUID.</param>
    /// <param name="userIds">User ids, at least one.</param>
    /// <param name="cancellationToken">Gives the call up; the members may then be free all the same.</param>
    /// <returns>How many were freed.</returns>
    /// <exception cref="ArgumentException">There are no ids, or a blank one; nothing was sent.</exception>
    /// <remarks><c>POST /guardrails/{id}/assignments/members/remove</c>.</remarks>
    Task<long> UnassignMembersAsync(string guardrailId, IReadOnlyList<string> userIds, CancellationToken cancellationToken = default);
}
