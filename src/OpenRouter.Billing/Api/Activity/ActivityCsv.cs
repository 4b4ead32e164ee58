using System.Buffers;
using System.Globalization;
using System.Text;

namespace OpenRouter.Billing;

/// <summary>Writes activity as CSV after RFC 4180: a header, commas, CRLF, quotes where they are needed, numbers in invariant culture.</summary>
/// <remarks>
/// The columns are named as OpenRouter names them. What a row does not say is an empty cell. A text that a spreadsheet would
/// take for a formula (it begins with <c>=</c>, <c>+</c>, <c>-</c>, <c>@</c>, or their full-width twins, also after blanks and
/// control characters) is written with an apostrophe before it, which spreadsheets do not show; numbers are left alone. So a
/// hostile name of a provider or model runs nothing when the file is opened.
/// </remarks>
public static class ActivityCsv
{
    private const string Header = "date,model,model_permaslug,endpoint_id,provider_name,workspace_id,usage,byok_usage_inference,requests,prompt_tokens,completion_tokens,reasoning_tokens";
    private const string LineEnd = "\r\n";
    private const int FlushAt = 32 * 1024;

    // Beyond the standard's comma, quote and line ends also what spreadsheets of some countries take for a separator.
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n;\t|");
    private static readonly SearchValues<char> FormulaStart = SearchValues.Create("=+-@＝＋－＠");

    /// <summary>Writes rows as text.</summary>
    /// <param name="writer">Where to; left open.</param>
    /// <param name="entries">The rows.</param>
    /// <param name="cancellationToken">Ends the writing between two blocks of rows.</param>
    /// <returns>The writing; the writer is not flushed.</returns>
    public static async Task WriteAsync(TextWriter writer, IEnumerable<ActivityEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(entries);
        cancellationToken.ThrowIfCancellationRequested();
        var block = new StringBuilder(Header).Append(LineEnd);
        foreach (var entry in entries)
        {
            Append(block, entry);
            if (block.Length >= FlushAt)
            {
                await writer.WriteAsync(block, cancellationToken).ConfigureAwait(false);
                block.Clear();
            }
        }

        await writer.WriteAsync(block, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes rows as UTF-8 without a byte order mark.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="entries">The rows.</param>
    /// <param name="cancellationToken">Ends the writing between two blocks of rows.</param>
    /// <returns>The writing; everything has been handed to the stream.</returns>
    public static async Task WriteAsync(Stream stream, IEnumerable<ActivityEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        await using (writer.ConfigureAwait(false))
        {
            await WriteAsync(writer, entries, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Append(StringBuilder line, ActivityEntry entry)
    {
        line.Append(CultureInfo.InvariantCulture, $"{entry.Date:yyyy-MM-dd}");
        foreach (var text in new[] { entry.Model, entry.ModelPermaslug, entry.EndpointId, entry.ProviderName, entry.WorkspaceId })
        {
            AppendText(line.Append(','), text ?? string.Empty);
        }

        line.Append(CultureInfo.InvariantCulture, $",{entry.Cost},{entry.ByokCost},{entry.Requests},{entry.PromptTokens},{entry.CompletionTokens},{entry.ReasoningTokens}").Append(LineEnd);
    }

    private static void AppendText(StringBuilder line, string text)
    {
        var isFormula = IsFormula(text);
        if (!isFormula && text.AsSpan().IndexOfAny(Quoted) < 0)
        {
            line.Append(text);
            return;
        }

        line.Append('"').Append(isFormula ? "'" : string.Empty).Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }

    private static bool IsFormula(string text)
    {
        var start = 0;
        while (start < text.Length && (char.IsWhiteSpace(text[start]) || char.IsControl(text[start]) || text[start] == '\uFEFF'))
        {
            start++;
        }

        return start < text.Length && FormulaStart.Contains(text[start]);
    }
}
