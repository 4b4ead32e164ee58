namespace OpenRouter.Billing;

/// <summary>The steps of a rotation, in their order.</summary>
public enum KeyRotationStep
{
    /// <summary>Makes the new key.</summary>
    CreateNewKey,

    /// <summary>Asks OpenRouter with the new key whether it works.</summary>
    ProveNewKey,

    /// <summary>Gives the new key to the app.</summary>
    HandOver,

    /// <summary>Switches the old key off.</summary>
    DisableOldKey,

    /// <summary>Deletes the old key, after the grace time.</summary>
    DeleteOldKey,
}
