using System.Text.RegularExpressions;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Telemetry;

namespace OpenRouter.Billing.Tests.Docs;

/// <summary>What the READMEs say is so.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void Commands_OfTheReadme_StandOnItsFirstScreen()
    {
        var firstScreen = string.Join('\n', Repository.Read("README.md").Split('\n').Take(40));

        Assert.Contains("dotnet run --project samples/QuickStart\n", firstScreen, StringComparison.Ordinal);
        Assert.Contains("dotnet test\n", firstScreen, StringComparison.Ordinal);
        Assert.Contains("```csharp", firstScreen, StringComparison.Ordinal);
    }

    [Fact]
    public void InstrumentTable_EveryInstrument_IsListedWithItsUnit()
    {
        using var meter = new RecordingMeter();
        using var http = new HttpClient();
        _ = new BillingGuard(http, TestData.Options(), new() { MeterFactory = meter });

        var table = InstrumentRow().Matches(Repository.Read("README.md")).Select(match => (match.Groups[1].Value, match.Groups[2].Value));

        Assert.Equal(meter.Instruments.Select(instrument => (instrument.Name, instrument.Unit!)), table);
    }

    [GeneratedRegex(@"^\| `(openrouter\.billing\.[\w.]+)` \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex InstrumentRow();
}
