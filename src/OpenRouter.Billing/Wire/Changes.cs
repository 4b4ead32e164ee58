namespace OpenRouter.Billing.Wire;

/// <summary>Makes the members of a change of what a draft holds.</summary>
internal static class Changes
{
    /// <summary>Sets a member to a value; without one the member is not sent.</summary>
    public static Change<T?> IfAny<T>(T? value) => value is null ? default : new Change<T?>(value);
}
