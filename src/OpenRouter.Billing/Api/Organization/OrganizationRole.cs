namespace OpenRouter.Billing;

/// <summary>What a member may do in the organization; unknown words from the server are kept as they are.</summary>
/// <param name="Value">The server's word, such as <c>org:admin</c>.</param>
public readonly record struct OrganizationRole(string Value)
{
    /// <summary>Gets the role of those who manage the organization.</summary>
    public static OrganizationRole Admin { get; } = new("org:admin");

    /// <summary>Gets the role of those who belong to the organization.</summary>
    public static OrganizationRole Member { get; } = new("org:member");

    /// <inheritdoc/>
    public override string ToString() => Value ?? string.Empty;
}
