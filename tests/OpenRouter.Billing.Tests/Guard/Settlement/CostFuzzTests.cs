using System.Globalization;
using System.Numerics;
using System.Text;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>Costs in every spelling that JSON has for a number, against whole-number arithmetic of any length.</summary>
public sealed class CostFuzzTests
{
    private const int Seed = 20261128;
    private const int NanoExponent = 9;
    private const int ExactDigits = 28;
    private const int LongestText = 64;

    // Beyond these an amount is "more than anyone has", and its exact size decides nothing.
    private static readonly BigInteger MostDollars = 9_223_372_036;
    private static readonly BigInteger MostReadable = BigInteger.Pow(10, 27);

    private static readonly string[] Junk =
    [
        "NaN", "Infinity", "-Infinity", "1e", "1e+", ".5", "5.", "0x10", "1_000", "1,000", "١٢", "--1", "+-1", "1e99999999999999999999", "-", "", " ", "1 2", "1\\u0030", "\\ud800", "null", "{}", "[1]", "true",
    ];

    [Fact]
    public async Task Read_MutatedCosts_AreBookedToTheNanoDollarOrNotAtAll()
    {
        var count = FuzzCampaign.Mutations(100_000);
        var (exact, unread, rounded) = (0, 0, 0);
        await FuzzCampaign.RunAsync(count, () =>
        {
            var random = new Random(Seed);
            for (var round = 0; round < count; round++)
            {
                if (random.Next(10) == 0)
                {
                    // It may say nothing or something, but it is read to its end.
                    CostOf(Junk[random.Next(Junk.Length)], random.Next(2) == 0);
                    continue;
                }

                var (text, digits, exponent) = Number(random);
                var cost = CostOf(text, random.Next(2) == 0);
                if (text.Length > LongestText || IsAbove(digits, exponent, MostReadable))
                {
                    Assert.True(cost is null, $"{text} was read as {cost}.");
                    unread++;
                    continue;
                }

                Assert.True(cost is not null, $"{text} was not read.");
                var expected = NanosOf(digits, exponent);
                var isExact = BigInteger.Abs(digits).ToString(CultureInfo.InvariantCulture).Length <= ExactDigits && exponent >= -ExactDigits;
                var booked = NanoDollars.RoundUp(cost.Value);
                // Past what a decimal holds, its last digit may be rounded away, and with it a billionth of a dollar.
                Assert.True(BigInteger.Abs(expected - booked) <= (isExact ? 0 : 1), $"{text} was booked as {booked} and is {expected}.");
                _ = isExact ? exact++ : rounded++;
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{count} costs: {exact} booked exactly, {rounded} longer than a decimal, {unread} beyond any money.");
        Assert.True(exact > count / 4 && rounded > count / 20 && unread > count / 20, $"{exact}, {rounded}, {unread}");
    }

    private static decimal? CostOf(string number, bool isText)
    {
        var scanner = new AnswerScanner(AnswerFormat.Json);
        scanner.Push(Encoding.UTF8.GetBytes("{\"usage\":{\"cost\":" + (isText ? $"\"{number}\"" : number) + "}}"));
        scanner.End();
        return scanner.Cost;
    }

    private static (string Text, BigInteger Digits, int Exponent) Number(Random random)
    {
        var whole = random.Next(3) == 0 ? "0" : random.Next(1, 10) + Digits(random, random.Next(2) == 0 ? 2 : 30);
        var fraction = random.Next(4) == 0 ? string.Empty : Digits(random, random.Next(2) == 0 ? 12 : 34) + random.Next(10);
        var exponent = random.Next(3) switch { 0 => random.Next(-14, 10), 1 => random.Next(-45, 45), _ => 0 };
        var sign = random.Next(6) == 0 ? "-" : string.Empty;
        var power = exponent != 0 || random.Next(5) == 0 ? (random.Next(2) == 0 ? "e" : "E") + (exponent >= 0 && random.Next(2) == 0 ? "+" : string.Empty) + exponent.ToString(CultureInfo.InvariantCulture) : string.Empty;
        var text = sign + whole + (fraction.Length > 0 ? "." + fraction : string.Empty) + power;
        return (text, BigInteger.Parse(sign + whole + fraction, CultureInfo.InvariantCulture), exponent - fraction.Length);
    }

    private static string Digits(Random random, int most) => string.Concat(Enumerable.Range(0, random.Next(most)).Select(_ => random.Next(10)));

    private static bool IsAbove(BigInteger digits, int exponent, BigInteger bound) =>
        exponent >= 0 ? BigInteger.Abs(digits) * BigInteger.Pow(10, exponent) > bound : BigInteger.Abs(digits) > bound * BigInteger.Pow(10, -exponent);

    // Rounded up, and bounded.
    private static BigInteger NanosOf(BigInteger digits, int exponent)
    {
        if (IsAbove(digits, exponent, MostDollars))
        {
            return digits.Sign * MostDollars * BigInteger.Pow(10, NanoExponent);
        }

        var shift = exponent + NanoExponent;
        if (shift >= 0)
        {
            return digits * BigInteger.Pow(10, shift);
        }

        var quotient = BigInteger.DivRem(digits, BigInteger.Pow(10, -shift), out var rest);
        return rest.Sign > 0 ? quotient + 1 : quotient;
    }
}
