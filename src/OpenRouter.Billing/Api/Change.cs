namespace OpenRouter.Billing;

/// <summary>What becomes of one member of an object that is updated: it is left as it is, or set, possibly to nothing.</summary>
/// <typeparam name="T">The member's type.</typeparam>
/// <remarks>
/// The default leaves the member alone. A value converts by itself: <c>Limit = 5m</c> sets a limit, <c>Limit = null</c>
/// removes it, and a <c>Limit</c> that is not mentioned stays.
/// </remarks>
public readonly record struct Change<T>
{
    /// <summary>Creates a change that sets the member.</summary>
    /// <param name="value">The new value; <see langword="null"/> to remove the old one where the member allows that.</param>
    public Change(T value)
    {
        Value = value;
        IsSet = true;
    }

    /// <summary>Gets whether the member is set.</summary>
    /// <value><see langword="false"/> by default: the member stays as it is.</value>
    public bool IsSet { get; }

    /// <summary>Gets the new value.</summary>
    /// <value><see langword="null"/> to remove the old value, or when nothing is set (see <see cref="IsSet"/>).</value>
    public T? Value { get; }

#pragma warning disable CA2225 // the constructor is the named alternative
    /// <summary>Converts a value to the change that sets it.</summary>
    /// <param name="value">The new value.</param>
    public static implicit operator Change<T>(T value) => new(value);
#pragma warning restore CA2225

    /// <summary>Converts the value, if one is set, to another type.</summary>
    internal Change<TOther> To<TOther>(Func<T?, TOther> convert) => IsSet ? new Change<TOther>(convert(Value)) : default;
}
