namespace OpenRouter.Billing;

/// <summary>An operator that filters may use.</summary>
/// <param name="Operator">The operator; read from <c>name</c>.</param>
/// <param name="ValueType">What it compares with: <c>scalar</c> for one value, <c>array</c> for several; <see langword="null"/> when the server did not say. Read from <c>value_type</c>.</param>
/// <remarks>An entry of <c>operators</c> of <c>GET /analytics/meta</c>.</remarks>
public sealed record AnalyticsOperatorRule(AnalyticsOperator Operator, string? ValueType)
{
    internal bool? TakesList => ValueType switch { "array" => true, "scalar" => false, _ => Operator.TakesList };
}
