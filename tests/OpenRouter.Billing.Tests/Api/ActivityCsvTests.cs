using System.Globalization;
using System.Text;

namespace OpenRouter.Billing.Tests.Api;

public sealed class ActivityCsvTests
{
    private const string Header = "date,model,model_permaslug,endpoint_id,provider_name,workspace_id,usage,byok_usage_inference,requests,prompt_tokens,completion_tokens,reasoning_tokens\r\n";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_Rows_AreOneLineEachInInvariantCulture()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("de-DE");
        try
        {
            var text = await TextAsync(
                new() { Date = new DateOnly(2026, 1, 2), Model = "a/b", ModelPermaslug = "a/b-1", EndpointId = "e", ProviderName = "P", WorkspaceId = "w", Cost = 1234.5m, ByokCost = 0.0000001m, Requests = 1000, PromptTokens = 2, CompletionTokens = 3, ReasoningTokens = 4 },
                new() { Date = new DateOnly(2026, 1, 3), Cost = -0.5m });
            Assert.Equal(Header + "2026-01-02,a/b,a/b-1,e,P,w,1234.5,0.0000001,1000,2,3,4\r\n2026-01-03,,,,,,-0.5,,,,,\r\n", text);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\r\nlines", "\"two\r\nlines\"")]
    [InlineData("a;b", "\"a;b\"")]
    [InlineData("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1+1", "\"'-1+1\"")]
    [InlineData("@SUM(1)", "\"'@SUM(1)\"")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("\0=1", "\"'\0=1\"")]
    [InlineData(" \n=1", "\"' \n=1\"")]
    [InlineData("\uFEFF=1", "\"'\uFEFF=1\"")]
    [InlineData("＝1", "\"'＝1\"")]
    [InlineData("\",=1", "\"\"\",=1\"")]
    [InlineData("a=1", "a=1")]
    [InlineData("Zürich 🚀", "Zürich 🚀")]
    public async Task WriteAsync_AnyText_IsOneCellAndNoFormula(string text, string cell)
    {
        var line = (await TextAsync(new ActivityEntry { Date = new DateOnly(2026, 1, 2), ProviderName = text }))[Header.Length..];
        Assert.Equal($"2026-01-02,,,,{cell},,,,,,,\r\n", line);
        Assert.Equal(12, Cells(line).Count);
        Assert.Equal(cell.StartsWith("\"'", StringComparison.Ordinal) ? "'" + text : text, Cells(line)[4]);
    }

    [Fact]
    public async Task WriteAsync_ToAStream_IsUtf8WithoutMarkAndLeavesItOpen()
    {
        using var stream = new MemoryStream();
        var rows = Enumerable.Range(0, 20_000).Select(i => new ActivityEntry { Date = new DateOnly(2026, 1, 2), ProviderName = $"Zürich {i}", Requests = i });
        await ActivityCsv.WriteAsync(stream, rows, Cancelled);
        Assert.True(stream.CanWrite);
        Assert.Equal((byte)'d', stream.ToArray()[0]);
        var lines = Encoding.UTF8.GetString(stream.ToArray()).Split("\r\n");
        Assert.Equal((20_002, "2026-01-02,,,,Zürich 19999,,,,19999,,,"), (lines.Length, lines[20_000]));
        stream.WriteByte(0);
    }

    [Fact]
    public async Task WriteAsync_CallerLeaves_StopsBetweenBlocks()
    {
        using var leaving = new CancellationTokenSource();
        var given = 0;
        var rows = Enumerable.Range(0, 1_000_000).Select(_ =>
        {
            if (++given == 100)
            {
                leaving.Cancel();
            }

            return new ActivityEntry { Date = new DateOnly(2026, 1, 2) };
        });
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ActivityCsv.WriteAsync(writer, rows, leaving.Token));
        Assert.InRange(given, 100, 10_000);
    }

    private static async Task<string> TextAsync(params ActivityEntry[] rows)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        await ActivityCsv.WriteAsync(writer, rows, Cancelled);
        return writer.ToString();
    }

    // A reader of RFC 4180, of which one line is asked.
    private static List<string> Cells(string line)
    {
        var (cells, cell, isQuoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            switch (line[i])
            {
                case '"' when isQuoted && i + 1 < line.Length && line[i + 1] == '"':
                    cell.Append(line[i++]);
                    break;
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case ',' when !isQuoted:
                    cells.Add(cell.ToString());
                    cell.Clear();
                    break;
                default:
                    cell.Append(line[i]);
                    break;
            }
        }

        Assert.EndsWith("\r\n", cell.ToString(), StringComparison.Ordinal);
        cells.Add(cell.ToString()[..^2]);
        return cells;
    }
}
