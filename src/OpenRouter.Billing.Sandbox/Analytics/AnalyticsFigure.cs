namespace OpenRouter.Billing.Sandbox;

/// <summary>A metric and how it is computed.</summary>
/// <param name="Name">The name in queries.</param>
/// <param name="Label">The name for people.</param>
/// <param name="Format">How it is shown: number, currency or percent.</param>
/// <param name="Of">Computes it; null when there is nothing to compute it from.</param>
internal sealed record AnalyticsFigure(string Name, string Label, string Format, Func<IReadOnlyCollection<MeteredUsage>, decimal?> Of)
{
    public bool IsRate => Format == "percent";

    public bool IsCount => Format == "number";
}
