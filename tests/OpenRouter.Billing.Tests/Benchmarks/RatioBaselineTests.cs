using OpenRouter.Billing.Benchmarks;

namespace OpenRouter.Billing.Tests.Benchmarks;

public sealed class RatioBaselineTests
{
    private static readonly MeasuredRow Admission = Row("Admission Guard", ratio: 17.5, bytes: 3_600);
    private static readonly MeasuredRow Reading = Row("Reading 4 KB Reader", ratio: 1.3, bytes: 240);

    [Fact]
    public void FindWorse_TheSameRun_FindsNothing() =>
        Assert.Empty(RatioBaseline.Of([Admission, Reading]).FindWorse([Admission, Reading]));

    [Fact]
    public void FindWorse_WithinTheMargins_FindsNothing() =>
        Assert.Empty(RatioBaseline.Of([Admission]).FindWorse([Row(Admission.Name, ratio: 17.5 * 1.29, bytes: 3_600 * 1.09)]));

    [Fact]
    public void FindWorse_SlowerByMoreThanTheMargin_NamesTheRowAndBothRatios()
    {
        var worse = Assert.Single(RatioBaseline.Of([Admission, Reading]).FindWorse([Admission, Row(Reading.Name, ratio: 1.95, bytes: 240)]));

        Assert.Equal("Reading 4 KB Reader: 1.95 times its baseline's time, and was 1.30", worse);
    }

    [Fact]
    public void FindWorse_AllocatesMoreThanTheMargin_NamesTheRowAndBothAmounts()
    {
        var worse = Assert.Single(RatioBaseline.Of([Admission, Reading]).FindWorse([Row(Admission.Name, ratio: 17.5, bytes: 4_600), Reading]));

        Assert.Equal("Admission Guard: allocates 4,600 bytes, and did 3,600", worse);
    }

    [Fact]
    public void FindWorse_Better_FindsNothing() =>
        Assert.Empty(RatioBaseline.Of([Admission]).FindWorse([Row(Admission.Name, ratio: 1, bytes: 0)]));

    [Fact]
    public void FindWorse_RunOfOneCategory_PassesOverTheOthers() =>
        Assert.Empty(RatioBaseline.Of([Admission]).FindWorse([Row("Ledger Ledger", ratio: 900, bytes: 1_000_000)]));

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        var baseline = RatioBaseline.Read(RatioBaseline.Of([Admission, Reading]).Write());

        Assert.Empty(baseline.FindWorse([Admission, Reading]));
        Assert.Equal(2, baseline.FindWorse([Row(Admission.Name, ratio: 100, bytes: 100_000)]).Count);
    }

    private static MeasuredRow Row(string name, double ratio, double bytes) => new(name, ratio, null, 100 * ratio, (100 * ratio) - 100, bytes, bytes);
}
