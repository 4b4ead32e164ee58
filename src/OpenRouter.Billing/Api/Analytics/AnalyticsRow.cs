using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace OpenRouter.Billing;

/// <summary>One row of an answer: metrics, dimensions and time by the names of their columns.</summary>
public sealed class AnalyticsRow
{
    private const int LongestNumber = 64;

    private readonly string[] _columns;
    private readonly string?[] _texts;

    /// <summary>Creates a row.</summary>
    /// <param name="raw">A JSON object with a member for each column.</param>
    /// <exception cref="ArgumentException"><paramref name="raw"/> is no object, or holds broken text.</exception>
    public AnalyticsRow(JsonElement raw)
        : this(raw, null)
    {
    }

    internal AnalyticsRow(JsonElement raw, AnalyticsRow? previous)
    {
        if (raw.ValueKind != JsonValueKind.Object)
        {
            throw new ArgumentException("A row is no JSON object.", nameof(raw));
        }

        Raw = raw;
        var columns = new List<string>(previous?._columns.Length ?? 4);
        var texts = new List<string?>(columns.Capacity);
        try
        {
            foreach (var member in raw.EnumerateObject())
            {
                // Rows have the same columns in the same order, so that one set of names does for all.
                var isSame = columns.Count < previous?._columns.Length && member.NameEquals(previous._columns[columns.Count]);
                columns.Add(isSame ? previous!._columns[columns.Count] : member.Name);
                texts.Add(TextOf(member.Value));
            }
        }
        catch (InvalidOperationException exception)
        {
            throw new ArgumentException("A row holds text that is no Unicode.", nameof(raw), exception);
        }

        _columns = [.. columns];
        _texts = [.. texts];
    }

    /// <summary>Gets the names of the row's columns.</summary>
    public IReadOnlyList<string> Columns => _columns;

    /// <summary>Gets the row as it came.</summary>
    public JsonElement Raw { get; }

    /// <summary>Gets when the step of time begins that the row is about.</summary>
    /// <value>UTC; <see langword="null"/> when the query did not divide time, or the value is no date.</value>
    /// <remarks>Read from the column <c>date__<i>granularity</i></c> or <c>created_at__<i>granularity</i></c>.</remarks>
    public DateTimeOffset? Time
    {
        get
        {
            var at = Array.FindIndex(_columns, name => name.StartsWith("date__", StringComparison.Ordinal) || name.StartsWith("created_at__", StringComparison.Ordinal));
            return at >= 0 && DateTimeOffset.TryParse(_texts[at], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
        }
    }

    /// <summary>Gets or sets the columns that rows of the same answer may have.</summary>
    internal IReadOnlySet<string> Known { get; set; } = FrozenSet<string>.Empty;

    /// <summary>Reads a column as text; a number as it was written.</summary>
    /// <param name="column">The column's name.</param>
    /// <returns><see langword="null"/> when the row has no value in it, which is not 0.</returns>
    /// <exception cref="ArgumentException">The answer has no such column.</exception>
    public string? Text(string column)
    {
        ArgumentNullException.ThrowIfNull(column);
        var at = Array.LastIndexOf(_columns, column);
        return at >= 0 ? _texts[at]
            : Known.Contains(column) ? null
            : throw new ArgumentException($"The answer has no such column, but {string.Join(", ", _columns)}.", nameof(column));
    }

    /// <summary>Reads a column as a number, also one that came as a string.</summary>
    /// <param name="column">The column's name.</param>
    /// <returns><see langword="null"/> when the row has no value in it, which is not 0.</returns>
    /// <exception cref="ArgumentException">The answer has no such column.</exception>
    /// <exception cref="InvalidOperationException">The value is no number, or none within the range of decimal.</exception>
    public decimal? Number(string column) => Text(column) switch
    {
        null => null,
        { Length: <= LongestNumber } text when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new InvalidOperationException($"The column '{column}' holds a value that is no number."),
    };

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_columns.Length} columns");

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };
}
