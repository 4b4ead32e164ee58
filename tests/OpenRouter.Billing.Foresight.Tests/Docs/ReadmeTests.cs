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

    [Fact]
    public void Thresholds_UnlessSetOtherwise_AreThoseOfTheTable()
    {
        var unset = new BillingAlertOptions();
        var expiry = AlertThresholds.KeyExpiry(unset).Zip(AlertThresholds.ModelExpiry(unset), (key, model) => As(key.Severity, $"{Days(key)} and {Days(model)}"));

        var table = Repository.Read(Readme).Split("| Unless set otherwise |")[1].Split('\n').Skip(2).TakeWhile(line => line.StartsWith('|')).ToDictionary(row => row.Split('`')[1], row => row.Split('|')[^2].Trim());

        Assert.Equal($"{Say(AlertThresholds.Balance(unset), "USD")} and below zero", table["Balance"]);
        Assert.Equal(Say(AlertThresholds.Limits(unset), "%"), table["KeyCap"]);
        Assert.Equal(Say(AlertThresholds.FreeQuota(unset), "%"), table["FreeQuota"]);
        Assert.Equal(string.Join(", ", AlertThresholds.Depletion(unset).Select(horizon => As(horizon.Severity, Days(horizon)))), table["Depletion"]);
        Assert.Equal($"{Say(AlertThresholds.Spikes(unset), "times")}, from {unset.SpikeMinimum} USD on", table["SpendSpike"]);
        Assert.Equal(string.Join(", ", expiry), table["KeyExpiry"]);
    }

    private static string Say(IEnumerable<AlertThresholdOptions> thresholds, string unit) => string.Join(", ", thresholds.Select(threshold => As(threshold.Severity, $"{threshold.At} {unit}")));

    private static string As(AlertSeverity severity, string threshold) => severity switch
    {
        AlertSeverity.Urgent => $"urgent at {threshold}",
        AlertSeverity.Info => $"{threshold} as information",
        _ => threshold,
    };

    private static string Days(AlertHorizonOptions horizon) => horizon.Within.Days == 1 ? "1 day" : $"{horizon.Within.Days} days";
}
