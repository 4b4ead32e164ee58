namespace OpenRouter.Billing.Foresight.Tests.Docs;

/// <summary>What the package's README says is so.</summary>
public sealed class ReadmeTests
{
    private const string Readme = "src/OpenRouter.Billing.Foresight/README.md";

    [Fact]
    public void Kinds_OfAlerts_AreInTheReadme()
    {
        var raisedByOthers = new[] { AlertKind.PurchaseArrived, AlertKind.PurchaseLate, AlertKind.Runaway, AlertKind.Reload, AlertKind.Custom, AlertKind.Several };

        Assert.All(Enum.GetValues<AlertKind>().Except(raisedByOthers), kind => Assert.Contains($"`{kind}`", Repository.Read(Readme), StringComparison.Ordinal));
    }
}
