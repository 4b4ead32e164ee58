namespace OpenRouter.Billing.Foresight.Tests.Forecasting;

public sealed class DecimalMathTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.0000001)]
    [InlineData(0.5)]
    [InlineData(2)]
    [InlineData(1_000_001)]
    public void Sqrt_Squared_IsTheNumber(double value)
    {
        var root = DecimalMath.Sqrt((decimal)value);

        Assert.Equal((decimal)value, root * root, 12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1.0004)]
    [InlineData(1.3)]
    [InlineData(77)]
    [InlineData(1_000_001)]
    public void Log_OfANumber_IsThatOfTheMachine(double value) =>
        Assert.Equal((decimal)Math.Log(value), DecimalMath.Log((decimal)value), 10);

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(2.4)]
    [InlineData(9)]
    public void Exp_OfANumber_IsThatOfTheMachine(double value) =>
        Assert.Equal(1m, DecimalMath.Exp((decimal)value) / (decimal)Math.Exp(value), 10);
}
