using System.Globalization;

namespace OpenRouter.Billing;

/// <summary>What a filter compares with: a text or a number. Both convert to it by themselves.</summary>
public readonly record struct AnalyticsValue
{
    /// <summary>Creates a text.</summary>
    /// <param name="text">The text, such as a model's slug.</param>
    public AnalyticsValue(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Text = text;
    }

    /// <summary>Creates a number.</summary>
    /// <param name="number">The number.</param>
    public AnalyticsValue(decimal number) => Number = number;

    /// <summary>Gets the text.</summary>
    /// <value><see langword="null"/> for a number.</value>
    public string? Text { get; }

    /// <summary>Gets the number.</summary>
    /// <value>A number without unit; <see langword="null"/> for a text.</value>
    public decimal? Number { get; }

#pragma warning disable CA2225 // the constructors are the named alternatives
    /// <summary>Converts a text.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator AnalyticsValue(string text) => new(text);

    /// <summary>Converts a number.</summary>
    /// <param name="number">The number.</param>
    public static implicit operator AnalyticsValue(decimal number) => new(number);
#pragma warning restore CA2225

    /// <inheritdoc/>
    public override string ToString() => Text ?? Number?.ToString(CultureInfo.InvariantCulture) ?? string.Empty;
}
