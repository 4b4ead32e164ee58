namespace OpenRouter.Billing;

/// <summary>A key that a guardrail binds.</summary>
/// <remarks>Read from <c>data</c> of <c>GET /guardrails/assignments/keys</c>.</remarks>
public sealed record GuardrailKeyAssignment
{
    /// <summary>Gets the id of the assignment, a UUID.</summary>
    /// <remarks>Read from <c>id</c>.</remarks>
    public required string Id { get; init; }

    /// <summary>Gets the id of the guardrail, a UUID.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>guardrail_id</c>.</remarks>
    public string? GuardrailId { get; init; }

    /// <summary>Gets the hash of the key.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>key_hash</c>.</remarks>
    public string? KeyHash { get; init; }

    /// <summary>Gets the name of the key.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>key_name</c>.</remarks>
    public string? KeyName { get; init; }

    /// <summary>Gets the display label of the key.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>key_label</c>.</remarks>
    public string? KeyLabel { get; init; }

    /// <summary>Gets the member who assigned it.</summary>
    /// <value><see langword="null"/> when unknown.</value>
    /// <remarks>Read from <c>assigned_by</c>.</remarks>
    public string? AssignedBy { get; init; }

    /// <summary>Gets since when.</summary>
    /// <value>UTC; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>created_at</c>.</remarks>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Shows guardrail and key. The label is left out: by default it is a part of the key.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{nameof(GuardrailKeyAssignment)} {{ GuardrailId = {GuardrailId}, KeyHash = {KeyHash}, KeyName = {KeyName} }}";
}
