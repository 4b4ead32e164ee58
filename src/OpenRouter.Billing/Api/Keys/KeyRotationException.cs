namespace OpenRouter.Billing;

/// <summary>A rotation stopped before its end; at least one of its keys works.</summary>
public sealed class KeyRotationException : OpenRouterBillingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="rotation">How far it came.</param>
    /// <param name="innerException">Why it stopped.</param>
    public KeyRotationException(KeyRotation rotation, Exception innerException)
        : base(Describe(rotation, innerException), innerException) =>
        Rotation = rotation;

    /// <summary>Gets how far it came, which keys work and what is left to do.</summary>
    public KeyRotation Rotation { get; }

    private static string Describe(KeyRotation rotation, Exception reason)
    {
        ArgumentNullException.ThrowIfNull(rotation);
        // What is thrown by the app's own code may hold the key that it was given.
        var why = reason is OpenRouterBillingException ? reason.Message : reason?.GetType().Name + ".";
        return $"The rotation of key {Short(rotation.OldKeyHash)} stopped at {rotation.NextStep}{(rotation.MayBeDone ? ", which may have been done" : string.Empty)}: {why} "
            + $"Working: {string.Join(", ", rotation.WorkingKeys.Select(Short))}. Left to do: {string.Join(", ", rotation.LeftToDo)}.";
    }

    private static string Short(string hash) => hash.Length > 8 ? hash[..8] + "…" : hash;
}
