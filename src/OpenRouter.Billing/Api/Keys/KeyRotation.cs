namespace OpenRouter.Billing;

/// <summary>How far a rotation has come, and which keys work.</summary>
public sealed record KeyRotation
{
    /// <summary>Gets the hash of the key that is replaced.</summary>
    public required string OldKeyHash { get; init; }

    /// <summary>Gets the key that replaces it.</summary>
    /// <value><see langword="null"/> while there is none, or when the answer that held it was lost.</value>
    public NewKey? NewKey { get; init; }

    /// <summary>Gets the step that comes next, or that failed.</summary>
    /// <value><see langword="null"/> when the rotation is complete.</value>
    public KeyRotationStep? NextStep { get; init; }

    /// <summary>Gets whether the step that failed may have been carried out nevertheless: its answer was lost.</summary>
    /// <value>After <see cref="KeyRotationStep.CreateNewKey"/>: a key of the same name may exist whose secret nobody has.</value>
    public bool MayBeDone { get; init; }

    /// <summary>Gets what is left to do.</summary>
    public IReadOnlyList<KeyRotationStep> LeftToDo => NextStep is { } next ? [.. Enum.GetValues<KeyRotationStep>().Where(step => step >= next)] : [];

    /// <summary>Gets the hashes of the keys that certainly work, so far as this rotation is concerned. It is never empty.</summary>
    public IReadOnlyList<string> WorkingKeys =>
    [
        .. NextStep <= KeyRotationStep.HandOver || (NextStep == KeyRotationStep.DisableOldKey && !MayBeDone) ? [OldKeyHash] : Array.Empty<string>(),
        .. NewKey is { } key && !(NextStep <= KeyRotationStep.ProveNewKey) ? [key.Key.Hash] : Array.Empty<string>(),
    ];
}
